import { Card } from '@/components/ui/card'

const ms = (value) => (value >= 1000 ? (value / 1000).toFixed(1) + ' s' : Math.round(value) + ' ms')
const rate = (value) => Number(value).toLocaleString('en-US', { maximumSignificantDigits: 3 })

export default function TargetsCard() {
  const s = props.specification
  const said = (field) => (s.stated.includes(field) ? 'you said' : 'use case')
  const facts = [
    ['TTFT ' + s.percentile, '≤ ' + ms(s.ttft_p95_ms), said('ttft_ms')],
    ['ITL ' + s.percentile, '≤ ' + ms(s.itl_p95_ms), said('itl_ms')],
    ['E2E ' + s.percentile, '≤ ' + ms(s.e2e_p95_ms), said('e2e_ms')],
    ['Peak load', rate(s.peak_requests_per_second) + ' requests/s', s.stated.includes('requests_per_second') ? 'you said' : 'from users'],
    ['Tokens', `${s.prompt_tokens} → ${s.output_tokens}`, said('prompt_tokens')],
  ]
  return (
    <Card className="p-4 flex flex-col gap-3" style={{ maxWidth: '100%' }}>
      <div className="flex flex-wrap justify-between gap-2">
        <span className="compass-headline">
          {s.use_case.replaceAll('_', ' ')}{s.user_count ? ` · ${s.user_count.toLocaleString('en-US')} users` : ''}
        </span>
        <span className="compass-small compass-muted">{s.specification_id}</span>
      </div>
      <dl className="compass-facts">
        {facts.map(([name, value, origin]) => (
          <div className="compass-fact" key={name}>
            <dt>{name}</dt><dd>{value}</dd><small className="compass-muted">{origin}</small>
          </div>
        ))}
      </dl>
      {s.load_arithmetic && <div className="compass-small compass-muted">{s.load_arithmetic}</div>}
      {s.remarks.map((r, i) => <div className="compass-small" key={i}>⚠ {r}</div>)}
      {s.assumptions.length > 0 && (
        <div className="compass-chips" aria-label="Assumptions: choose one to change it">
          {s.assumptions.map((a, i) => (
            <button className="compass-chip" key={i} title={a.why}
              onClick={() => callAction({ name: 'change_assumption', payload: { field: a.field, value: a.value, why: a.why } })}>
              {a.field.replaceAll('_', ' ')}: {a.value}
            </button>
          ))}
        </div>
      )}
    </Card>
  )
}
