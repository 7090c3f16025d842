import { Badge } from '@/components/ui/badge'
import { Button } from '@/components/ui/button'
import { Card } from '@/components/ui/card'

// Halves go down, as everywhere else in Compass: one sum must not show two results.
const dollars = (value) =>
  '$' + (Number(value) - 1e-6).toLocaleString('en-US', { maximumFractionDigits: value < 10 ? 2 : 0 })
const ms = (value) => (value >= 1000 ? (value / 1000).toFixed(value >= 10000 ? 0 : 1) + ' s' : Math.round(value) + ' ms')
const short = (id) => id.split('/').pop()
const chance = (p) => (p > 0.99 ? '> 99 %' : p < 0.01 ? '< 1 %' : Math.round(p * 100) + ' %')
const gpusOf = (o) => (o.tensor_parallel > 1 ? `${o.replicas} × (${o.tensor_parallel} × ${o.gpu})` : `${o.replicas} × ${o.gpu}`)
const words = (view) => view.replaceAll('_', ' ')

function Evidence({ evidence }) {
  const nearest = evidence.nearest
    ? `nearest run: ${evidence.nearest} (distance ${Number(evidence.distance).toFixed(1)})` +
      (evidence.nearest_source ? ` · ${evidence.nearest_source}` : '')
    : 'no measured run is near'
  return (
    <Badge variant="outline" className={`compass-${evidence.kind}`} title={nearest} tabIndex={0}>
      {evidence.kind}
    </Badge>
  )
}

function Interval({ label, figure, target }) {
  return (
    <div className="compass-fact">
      <dt>{label} p95</dt>
      <dd>
        {ms(figure.value)} <small>[{ms(figure.low)} – {ms(figure.high)}]</small>
      </dd>
      <small className="compass-muted">target ≤ {ms(target)}</small>
    </div>
  )
}

function Leader({ option, specification }) {
  return (
    <div className="flex flex-col gap-3">
      <div>
        <div className="flex flex-wrap items-center gap-2">
          <span className="compass-headline">
            {short(option.model)} {option.precision} · {gpusOf(option)}
          </span>
          <Evidence evidence={option.evidence} />
        </div>
        <div className="compass-small compass-muted">{option.why}</div>
      </div>
      <dl className="compass-facts">
        <Interval label="TTFT" figure={option.ttft_p95_ms} target={specification.ttft_p95_ms} />
        <Interval label="ITL" figure={option.itl_p95_ms} target={specification.itl_p95_ms} />
        <Interval label="E2E" figure={option.e2e_p95_ms} target={specification.e2e_p95_ms} />
        <div className="compass-fact">
          <dt>Holds with</dt>
          <dd>{chance(option.slo_probability)}</dd>
          <small className="compass-muted">of all targets, at peak</small>
        </div>
        <div className="compass-fact">
          <dt>Cost</dt>
          <dd>{dollars(option.usd_per_month)} <small>a month</small></dd>
          <small className="compass-muted">{dollars(option.usd_per_million_output_tokens)} per million output tokens</small>
        </div>
      </dl>
      <div className="compass-small compass-muted">
        <div>Replicas: {option.replica_arithmetic}</div>
        <div>Cost: {option.cost_arithmetic} · {option.price_source}</div>
      </div>
    </div>
  )
}

function Views({ options }) {
  return (
    <div className="compass-scroll">
      <table className="compass-table">
        <thead>
          <tr>
            <th>View</th><th>Model</th><th>GPUs</th><th className="compass-number">$ a month</th>
            <th className="compass-number">TTFT</th><th className="compass-number">ITL</th>
            <th className="compass-number">Quality</th><th className="compass-number">Holds</th><th>Evidence</th><th />
          </tr>
        </thead>
        <tbody>
          {options.map((o) => (
            <tr key={o.option_id}>
              <td>{o.views.map(words).join(', ')}</td>
              <td>{short(o.model)} {o.precision}</td>
              <td>{gpusOf(o)}</td>
              <td className="compass-number">{dollars(o.usd_per_month)}</td>
              <td className="compass-number" title={`${ms(o.ttft_p95_ms.low)} – ${ms(o.ttft_p95_ms.high)}`}>{ms(o.ttft_p95_ms.value)}</td>
              <td className="compass-number" title={`${ms(o.itl_p95_ms.low)} – ${ms(o.itl_p95_ms.high)}`}>{ms(o.itl_p95_ms.value)}</td>
              <td className="compass-number" title={o.quality_note}>{o.quality == null ? 'not published' : Math.round(o.quality)}</td>
              <td className="compass-number">{chance(o.slo_probability)}</td>
              <td><Evidence evidence={o.evidence} /></td>
              <td>
                <Button size="sm" variant="outline" onClick={() => sendUserMessage(`Deploy ${o.option_id}`)}
                  aria-label={`Deploy ${short(o.model)} on ${gpusOf(o)}`}>
                  Deploy
                </Button>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

function Fold({ title, children }) {
  return (
    <details className="compass-fold">
      <summary>{title}</summary>
      <div className="compass-small" style={{ padding: '0.25rem 0 0.5rem 1rem' }}>{children}</div>
    </details>
  )
}

function Reasons({ plan }) {
  const differences = plan.differences || []
  return (
    <div>
      {plan.tipping_points.length > 0 && (
        <Fold title="What would change the answer">
          <ul>{plan.tipping_points.map((t, i) => (
            <li key={i}>{t.quantity} {Number(t.threshold).toLocaleString('en-US', { maximumFractionDigits: 2 })} {t.unit}: {t.then}</li>
          ))}</ul>
        </Fold>
      )}
      <Fold title={`Why not the others: ${plan.rejected.reduce((n, r) => n + r.count, 0)} of ${plan.considered} configurations rejected`}>
        <ul>{plan.rejected.map((r, i) => (
          <li key={i}><b>{r.count}</b> · {r.reason}<div className="compass-muted">{r.examples.join(' · ')}</div></li>
        ))}</ul>
      </Fold>
      <Fold title={`Assumptions: ${plan.assumptions.length}`}>
        <ul>{plan.assumptions.map((a, i) => <li key={i}>{a.field} = {a.value}: {a.why}</li>)}</ul>
      </Fold>
      {differences.length > 0 && (
        <Fold title={`Differences from ${plan.base_plan_id}: ${differences.length}`}>
          <ul>{differences.map((d, i) => <li key={i}>{d.field}: {d.before} → {d.after}</li>)}</ul>
        </Fold>
      )}
    </div>
  )
}

function Question({ question }) {
  return (
    <div className="flex flex-col gap-2">
      <div>{question.text}</div>
      <div className="compass-chips">
        {question.answers.map((a, i) => (
          <Button key={i} size="sm" variant="outline" title={a.then} onClick={() => sendUserMessage(a.answer)}>
            {a.answer}
          </Button>
        ))}
      </div>
    </div>
  )
}

export default function PlanCard() {
  const plan = props.plan
  const leader = plan.options[0]
  return (
    <Card className="p-4 flex flex-col gap-4" style={{ maxWidth: '100%' }}>
      <div className="flex flex-wrap justify-between gap-2 compass-small compass-muted">
        <span>{plan.plan_id}</span>
        <span>{plan.considered.toLocaleString('en-US')} configurations considered</span>
      </div>
      {leader ? <Leader option={leader} specification={plan.specification} /> : <b>Nothing holds every target.</b>}
      {plan.options.length > 0 && <Views options={plan.options} />}
      {plan.remarks.length > 0 && <ul className="compass-small">{plan.remarks.map((r, i) => <li key={i}>⚠ {r}</li>)}</ul>}
      {plan.relaxations.length > 0 && (
        <div className="compass-small">
          <b>{leader ? 'Cheaper, if you relax' : 'The nearest that would work'}</b>
          <ul>{plan.relaxations.map((r, i) => <li key={i}>{r.change}: {r.option}, {dollars(r.usd_per_month)} a month</li>)}</ul>
        </div>
      )}
      {plan.question && <Question question={plan.question} />}
      <Reasons plan={plan} />
    </Card>
  )
}
