import { Button } from '@/components/ui/button'
import { Card } from '@/components/ui/card'
import { Input } from '@/components/ui/input'
import { useState } from 'react'

const { exactMs, number, words } = window.compass
// As a person would say it.
const sentence = (field, value) => (field.endsWith('_tokens') ? `${value} ${words(field)}` : `${words(field)}: ${value}`)
// How requests come belongs to the use case: there is nothing to set.
const FIXED = ['arrivals', 'latency_targets']

const LOADS = ['requests_per_second', 'concurrent_requests', 'concurrent_sessions', 'tokens_per_second',
  'output_tokens_per_second', 'batch_items', 'deadline_hours']

function Edit({ assumption, close }) {
  const [value, setValue] = useState(assumption.value)
  const submit = (event) => {
    event.preventDefault()
    close()
    if (value.trim() && value.trim() !== assumption.value) sendUserMessage(sentence(assumption.field, value.trim()))
  }
  return (
    <form className="flex flex-wrap items-center gap-2 compass-small" onSubmit={submit}
      onKeyDown={(event) => event.key === 'Escape' && close()}>
      <label htmlFor={`edit-${assumption.field}`}>{assumption.label}{assumption.field.endsWith('_ms') ? ' (ms)' : ''}</label>
      <Input id={`edit-${assumption.field}`} autoFocus value={value} onChange={(event) => setValue(event.target.value)}
        style={{ width: '9rem', height: '2rem' }} />
      <Button size="sm" type="submit">Plan again</Button>
      <Button size="sm" type="button" variant="ghost" onClick={close}>Cancel</Button>
      <span className="compass-muted">taken because: {assumption.why}</span>
    </form>
  )
}

function Assumptions({ assumptions }) {
  const [edited, setEdited] = useState(null)
  if (!assumptions.length) return null
  return (
    <div className="flex flex-col gap-2">
      <div className="compass-chips" role="group" aria-label="Assumptions: choose one to change it">
        <span className="compass-small compass-muted">Assumed:</span>
        {assumptions.map((a) => (
          <button className="compass-chip" key={a.field} disabled={FIXED.includes(a.field)}
            title={`${a.why}${FIXED.includes(a.field) ? '' : '. Choose to change it.'}`}
            aria-expanded={edited?.field === a.field} onClick={() => setEdited(edited?.field === a.field ? null : a)}>
            {a.label} <b>{a.shown}</b>
          </button>
        ))}
      </div>
      {edited && <Edit key={edited.field} assumption={edited} close={() => setEdited(null)} />}
    </div>
  )
}

export default function TargetsCard() {
  const s = props.specification
  const said = (field) => (s.wishes[field] != null ? 'you said' : 'use case')
  const limit = (ms) => (ms == null ? 'no target' : '≤ ' + exactMs(ms))
  const targets = [
    ['TTFT ' + s.percentile, limit(s.ttft_p95_ms), said('ttft_ms')],
    ['ITL ' + s.percentile, limit(s.itl_p95_ms), said('itl_ms')],
    ['E2E ' + s.percentile, limit(s.e2e_p95_ms), said('e2e_ms')],
    ...(s.first_answer_p95_ms == null ? [] : [['First answer token ' + s.percentile, limit(s.first_answer_p95_ms), 'you said']]),
  ]
  const none = [['Latency targets', 'none', 'batch job']]
  const batch = s.load_form === 'batch' && [s.ttft_p95_ms, s.itl_p95_ms, s.e2e_p95_ms].every((ms) => ms == null)
  const facts = [
    ...(batch ? none : targets),
    [s.load_form === 'rate' ? 'Peak load' : 'Load', props.load, LOADS.some((field) => s.wishes[field] != null) ? 'you said' : 'from users'],
    ['Tokens', `${number(s.prompt_tokens)} → ${number(s.output_tokens)}`, said('prompt_tokens')],
  ]
  return (
    <Card className="compass-card">
      <div className="flex flex-wrap justify-between gap-2">
        <span className="compass-headline">
          Understood: {props.understood}
        </span>
        <span className="compass-small compass-muted">{s.specification_id}</span>
      </div>
      <dl className="compass-facts">
        {facts.map(([name, value, origin]) => (
          <div className="compass-fact" key={name}>
            <dt>{name} · {origin}</dt><dd>{value}</dd>
          </div>
        ))}
      </dl>
      {s.load_arithmetic && <div className="compass-small compass-muted">{s.load_arithmetic}</div>}
      {s.remarks.map((r, i) => <div className="compass-small" key={i}>⚠ {r}</div>)}
      <Assumptions assumptions={s.assumptions} />
    </Card>
  )
}
