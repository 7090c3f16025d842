import { Badge } from '@/components/ui/badge'
import { Card } from '@/components/ui/card'

const { ms, number, words } = window.compass
const latency = (value) => (value == null ? '–' : ms(value))
const load = (row) => (row.request_rate ? `${number(row.request_rate)} requests/s` : row.concurrency ? `${number(row.concurrency)} at once` : '–')

function Row({ row }) {
  return (
    <tr>
      <td>{row.model} {row.precision}{row.match === 'near' && <div className="compass-muted compass-tiny">other {row.differs_in.map(words).join(', ')}</div>}</td>
      <td>{row.tensor_parallel > 1 ? `${row.tensor_parallel} × ` : ''}{row.gpu}</td>
      <td data-label="Tokens" className="compass-number">{number(row.prompt_tokens)} → {number(row.output_tokens)}</td>
      <td data-label="Load" className="compass-number">{load(row)}</td>
      <td data-label="TTFT" className="compass-number">{latency(row.ttft_ms)}</td>
      <td data-label="ITL" className="compass-number">{latency(row.itl_ms)}</td>
      <td data-label="E2E" className="compass-number">{latency(row.e2e_ms)}</td>
      <td>
        <Badge variant="outline" className={`compass-${row.evidence}`}>{row.evidence}</Badge>
        <div className="compass-muted compass-tiny whitespace-normal">{row.source}{row.measured ? `, ${row.measured}` : ''}</div>
      </td>
    </tr>
  )
}

export default function BenchmarksCard() {
  const { rows, page, pages, coverage, attribution } = props.page
  return (
    <Card className="compass-card">
      <div className="compass-headline">
        {coverage.exact ? `${number(coverage.exact)} runs of exactly that` : 'Nothing was run exactly there; the nearest'}
        <span className="compass-small compass-muted"> · {number(coverage.runs)} runs in all · page {page} of {pages}</span>
      </div>
      <div className="compass-scroll" tabIndex={0} role="region" aria-label="Benchmark runs">
        <table className="compass-table">
          <thead>
            <tr>
              <th>Model</th><th>GPUs</th><th className="compass-number">Tokens</th><th className="compass-number">Load</th>
              <th className="compass-number">TTFT</th><th className="compass-number">ITL</th><th className="compass-number">E2E</th><th>Evidence</th>
            </tr>
          </thead>
          <tbody>{rows.map((row) => <Row key={row.run} row={row} />)}</tbody>
        </table>
      </div>
      <div className="compass-small compass-muted">{attribution}</div>
    </Card>
  )
}
