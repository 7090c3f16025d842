import { Badge } from '@/components/ui/badge'
import { Card } from '@/components/ui/card'

const { interval, money, ms, number, short } = window.compass
const latency = (figure) => (figure ? `${ms(figure.value)} [${interval(figure)}]` : '–')
const optional = (value, words) => (value == null ? '–' : words(value))
const ROWS = [
  ['Model', (p) => `${short(p.model || '')} ${p.precision || ''}`],
  ['Replicas × GPUs', (p) => `${p.replicas} × TP${p.tensor_parallel}`],
  ['Carries the load', (p) => <span className={p.holds ? 'compass-holds' : 'compass-broken'} title={p.why}>{p.holds ? 'yes' : 'no'}</span>],
  ['Output tokens/s', (p) => optional(p.output_tokens_per_second, (t) => number(t.value))],
  ['Tokens/s a GPU, full load', (p) => optional(p.output_tokens_per_second_per_gpu, number)],
  ['TTFT', (p) => latency(p.ttft_ms)],
  ['ITL', (p) => latency(p.itl_ms)],
  ['E2E', (p) => optional(p.e2e_ms, (f) => ms(f.value))],
  ['Requests/s at most', (p) => `${optional(p.limit_requests_per_second, number)} (${p.limit_breaks})`],
  ['Longest context', (p) => optional(p.max_context_tokens, number)],
  ['Requests at once', (p) => optional(p.max_concurrent_requests, number)],
  ['$ a month', (p) => optional(p.usd_per_month, money)],
  ['$ per million tokens out, full load', (p) => optional(p.usd_per_million_output_tokens, money)],
  ['Quality', (p) => optional(p.quality, (q) => Math.round(q))],
  ['Evidence', (p) => (p.evidence ? <Badge variant="outline" className={`compass-${p.evidence.kind}`} title={p.evidence.nearest || ''}>{p.evidence.kind}</Badge> : '–')],
]

function Fold({ title, lines }) {
  if (!lines.length) return null
  return (
    <details className="compass-fold">
      <summary>{title}</summary>
      <div className="compass-small compass-inset"><ul>{lines.map((line) => <li key={line}>{line}</li>)}</ul></div>
    </details>
  )
}

function Sides({ plans }) {
  return (
    <div className="compass-scroll" tabIndex={0} role="region" aria-label="The alternatives side by side">
      <table className="compass-table">
        <thead><tr><th><span className="sr-only">Figure</span></th>{plans.map((p) => <th key={p.label} className="compass-number">{p.label}</th>)}</tr></thead>
        <tbody>{ROWS.map(([title, cell]) => (
          <tr key={title}>
            <td className="compass-muted">{title}</td>
            {plans.map((p) => <td key={p.label} data-label={p.label} className="compass-number">{p.fits ? cell(p) : '–'}</td>)}
          </tr>
        ))}</tbody>
      </table>
    </div>
  )
}

export default function ComparisonCard() {
  const made = props.comparison
  return (
    <Card className="compass-card compass-comparison">
      {made.question && <div className="compass-headline">{made.question}</div>}
      {made.plans.length > 0 && (
        <div className="flex flex-wrap items-center gap-2">
          <span className="compass-title">{made.plans.map((p) => p.label).join(' or ')}</span>
          <span className="compass-small compass-muted" style={{ marginLeft: 'auto' }}>{made.comparison_id}</span>
        </div>
      )}
      <div className="compass-small compass-muted">{made.load}</div>
      {made.differences.length > 0 && (
        <ul className="compass-list compass-small">{made.differences.map((d) => <li key={d.words}>{d.words}</li>)}</ul>
      )}
      {made.alike && <div className="compass-small">{made.alike}</div>}
      {made.remarks.map((remark) => <div key={remark} className="compass-small compass-risk">{remark}</div>)}
      {made.plans.filter((p) => !p.fits).map((p) => <div key={p.label} className="compass-small compass-broken">{p.label}: {p.why}</div>)}
      {made.plans.length > 0 && <Sides plans={made.plans} />}
      <Fold title={`Assumptions: ${made.assumptions.length}`} lines={made.assumptions} />
    </Card>
  )
}
