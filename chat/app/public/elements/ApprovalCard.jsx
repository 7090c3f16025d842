import { Button } from '@/components/ui/button'
import { Card } from '@/components/ui/card'
import { Markdown } from '@/components/markdown'
import { useState } from 'react'

const { price } = window.compass
const OUTCOME = {
  approved: 'You approved it.',
  refused: 'You declined. Nothing was changed.',
  'timed out': 'Nobody answered in time, which means no. Nothing was changed.',
  stopped: 'Stopped before an answer, which means no. Nothing was changed.',
  over: 'This question is over. Nothing was changed; ask for it again.',
}

function Change({ change }) {
  return (
    <li>
      <b className={`compass-${change.action}`}>{change.action}</b> {change.what}
      {change.diff && (
        <details className="compass-fold" open={change.action === 'update'}>
          <summary>difference</summary>
          <div className="compass-code"><Markdown>{'```diff\n' + change.diff + '\n```'}</Markdown></div>
        </details>
      )}
    </li>
  )
}

function Buttons({ verb }) {
  const [decision, setDecision] = useState(props.decision)
  const choose = async (approved) => {
    setDecision('sent')
    const { response } = await callAction({ name: 'decide', payload: { card: props.card, approved } })
    setDecision(response)
  }
  const outcome = OUTCOME[props.decision === 'pending' ? decision : props.decision]
  if (outcome) return <div role="status">{outcome}</div>
  return (
    <div className="flex flex-wrap items-center gap-2" role="group" aria-label={`${verb} it?`}>
      <Button disabled={decision === 'sent'} variant={verb === 'Remove' ? 'destructive' : 'default'} onClick={() => choose(true)}>{verb}</Button>
      <Button disabled={decision === 'sent'} variant="outline" onClick={() => choose(false)}>Do nothing</Button>
      <span className="compass-small compass-muted">
        Nothing happens without your yes; no answer within {Math.max(1, Math.round(props.seconds / 60))} min means no.
      </span>
    </div>
  )
}

export default function ApprovalCard() {
  const request = props.request
  const cost = request.usd_per_hour == null ? null : request.usd_per_hour > 0 ? `${price(request.usd_per_hour)} an hour` : 'nothing'
  return (
    <Card className="compass-card">
      <div className="compass-headline">{request.title}?</div>
      <dl className="compass-facts">
        <div className="compass-fact"><dt>Target</dt><dd>{request.target}</dd></div>
        {cost && <div className="compass-fact"><dt>Cost</dt><dd>{cost}</dd></div>}
      </dl>
      <ul className="compass-small compass-list">{request.changes.map((change, i) => <Change key={i} change={change} />)}</ul>
      <Buttons verb={request.action === 'deploy' ? 'Deploy' : 'Remove'} />
    </Card>
  )
}
