import { Badge } from '@/components/ui/badge'
import { Card } from '@/components/ui/card'

const { ms, number } = window.compass

export default function TestCard() {
  const a = props.answer
  const facts = [
    ['TTFT', ms(a.ttft_ms)],
    ['ITL', a.itl_ms == null ? 'one token only' : ms(a.itl_ms)],
    ['E2E', ms(a.e2e_ms)],
    ['Tokens', `${number(a.prompt_tokens)} → ${number(a.output_tokens)}`],
  ]
  return (
    <Card className="compass-card">
      <div className="flex flex-wrap items-center gap-2">
        <span className="compass-headline">{a.deployment_id} answers</span>
        <Badge variant="outline" className={a.simulated ? 'compass-simulated' : 'compass-measured'}>
          {a.simulated ? 'simulated engine' : 'measured'}
        </Badge>
        {a.simulated && <span className="compass-small compass-muted">the timing is meaningful, the text is not</span>}
      </div>
      <blockquote className="compass-quote">{a.text.trim() || '(no text)'}</blockquote>
      <dl className="compass-facts">
        {facts.map(([name, value]) => <div className="compass-fact" key={name}><dt>{name}</dt><dd>{value}</dd></div>)}
      </dl>
    </Card>
  )
}
