import { Badge } from '@/components/ui/badge'
import { Button } from '@/components/ui/button'
import { Card } from '@/components/ui/card'
import { Popover, PopoverContent, PopoverTrigger } from '@/components/ui/popover'

const { chance, exactMs, gpus, interval, money, ms, number, short, words } = window.compass
const MEANING = {
  measured: 'A run on real hardware.',
  simulated: 'The output of a simulator.',
  estimated: "Our capacity model's figure, fitted on measured runs; the interval holds 80 % of them.",
}

function Evidence({ evidence }) {
  const source = evidence.nearest_source ? ` (${evidence.nearest_source})` : ''
  const nearest = evidence.nearest ? ` Nearest run: ${evidence.nearest}${source}.` : ''
  const sentence = `${evidence.words}.${nearest}`
  return (
    <Popover>
      <PopoverTrigger asChild>
        <button title={sentence} aria-label={`Evidence: ${sentence}`}>
          <Badge variant="outline" className={`compass-${evidence.kind}`}>{evidence.kind}</Badge>
        </button>
      </PopoverTrigger>
      <PopoverContent className="compass-small">{MEANING[evidence.kind]} {sentence}</PopoverContent>
    </Popover>
  )
}

function Figure({ name, figure, target }) {
  return (
    <div className="compass-fact">
      <dt>{name}{target == null ? ', no target' : ` ≤ ${exactMs(target)}`}</dt>
      <dd>{ms(figure.value)} <small>[{interval(figure)}]</small></dd>
    </div>
  )
}

const perJob = (usd) => (usd == null ? 'no listed price' : money(usd))

/* What a batch job takes: nobody waits for its single answers. */
function JobFacts({ option }) {
  const facts = [
    ['On demand', perJob(option.usd_per_job_on_demand), 'a job'],
    ['Spot', perJob(option.usd_per_job_spot), option.usd_per_job_spot == null ? '' : 'a job'],
    ['Done in', ...(option.hours < 1 ? [number(option.hours * 60), 'minutes'] : [number(option.hours), 'hours'])],
    ['Rented', number(option.gpu_hours), 'GPU-hours'],
    ['In time', chance(option.slo_probability), 'chance'],
  ]
  return (
    <dl className="compass-facts">
      {facts.map(([name, value, unit]) => (
        <div className="compass-fact" key={name}><dt>{name}</dt><dd>{value} <small>{unit}</small></dd></div>
      ))}
    </dl>
  )
}

function Leader({ option, specification, id }) {
  const at = specification.percentile
  return (
    <div className="flex flex-col gap-2">
      <div className="flex flex-wrap items-center gap-2">
        <span className="compass-title">{short(option.model)} {option.precision} · {gpus(option)}</span>
        <Evidence evidence={option.evidence} />
        <span className="compass-small compass-muted" style={{ marginLeft: 'auto' }}>{id}</span>
      </div>
      {option.hours != null ? <JobFacts option={option} /> : (
        <dl className="compass-facts">
          <div className="compass-fact">
            <dt>Cost{option.usd_per_million_output_tokens == null ? '' : ` · ${money(option.usd_per_million_output_tokens)} / M tokens out`}</dt>
            <dd>{option.usd_per_month == null ? 'no listed price' : <>{money(option.usd_per_month)} <small>a month</small></>}</dd>
          </div>
          <div className="compass-fact">
            <dt>Holds at peak</dt>
            <dd>{chance(option.slo_probability)} <small>chance</small></dd>
          </div>
          <Figure name={`TTFT ${at}`} figure={option.ttft_p95_ms} target={specification.ttft_p95_ms} />
          {option.first_answer_p95_ms && (
            <Figure name={`First answer token ${at}`} figure={option.first_answer_p95_ms} target={specification.first_answer_p95_ms} />
          )}
          <Figure name={`ITL ${at}`} figure={option.itl_p95_ms} target={specification.itl_p95_ms} />
          <Figure name={`E2E ${at}`} figure={option.e2e_p95_ms} target={specification.e2e_p95_ms} />
        </dl>
      )}
      <div className="compass-chips">
        <Button size="sm" onClick={() => sendUserMessage(`Deploy ${option.option_id}`)}
          aria-label={`Deploy ${short(option.model)} on ${gpus(option)}`}>Deploy …</Button>
        <Button size="sm" variant="outline" onClick={() => sendUserMessage(`Show the YAML of ${option.option_id}`)}>Manifests</Button>
        <Button size="sm" variant="outline" onClick={() => sendUserMessage(`Explain ${option.option_id}`)}>Why this one?</Button>
      </div>
      <div className="compass-small compass-muted">
        <div>{option.why}</div>
        <div>Replicas: {option.replica_arithmetic}</div>
        {option.cached && <div>Prefix cache: {option.cached}</div>}
        {option.drafts && <div>Drafts: {option.drafts}</div>}
        <div>Cost: {option.cost_arithmetic} · {option.price_source}</div>
      </div>
    </div>
  )
}

function Latency({ name, figure }) {
  return (
    <td data-label={name} className="compass-number">{ms(figure.value)}<div className="compass-muted compass-tiny">{interval(figure)}</div></td>
  )
}

const dash = (usd) => (usd == null ? '–' : money(usd))

function JobCells({ option }) {
  return (
    <>
      <td data-label="$ a job" className="compass-number">{dash(option.usd_per_job_on_demand)}</td>
      <td data-label="Spot" className="compass-number">{dash(option.usd_per_job_spot)}</td>
      <td data-label="Hours" className="compass-number">{option.hours < 1 ? `${number(option.hours * 60)} min` : number(option.hours)}</td>
      <td data-label="GPU-hours" className="compass-number">{number(option.gpu_hours)}</td>
    </>
  )
}

function Row({ option }) {
  return (
    <tr>
      <td>{option.views.map(words).join(', ') || 'next best'}<div><Evidence evidence={option.evidence} /></div></td>
      <td className="whitespace-nowrap">{short(option.model)} {option.precision}<div className="compass-muted compass-tiny">{gpus(option)}</div></td>
      {option.hours != null ? <JobCells option={option} /> : (
        <>
          <td data-label="$ a month" className="compass-number">{option.usd_per_month == null ? '–' : money(option.usd_per_month)}</td>
          <Latency name="TTFT" figure={option.ttft_p95_ms} />
          <Latency name="ITL" figure={option.itl_p95_ms} />
          <Latency name="E2E" figure={option.e2e_p95_ms} />
        </>
      )}
      <td data-label="Quality" className="compass-number" title={option.quality_note}>{option.quality == null ? '–' : Math.round(option.quality)}</td>
      <td data-label="Holds" className="compass-number">{chance(option.slo_probability)}</td>
      <td className="compass-number">
        <Button size="sm" variant="outline" className="compass-button" onClick={() => sendUserMessage(`Deploy ${option.option_id}`)}
          aria-label={`Deploy ${short(option.model)} on ${gpus(option)}`}>Deploy</Button>
      </td>
    </tr>
  )
}

function Options({ options }) {
  const job = options[0].hours != null
  return (
    <div className="compass-scroll" tabIndex={0} role="region" aria-label="All options of this plan">
      <table className="compass-table">
        <thead>
          <tr>
            <th>View and evidence</th><th>Model and GPUs</th>
            {(job ? ['$ a job', 'Spot', 'Hours', 'GPU-hours'] : ['$ a month', 'TTFT', 'ITL', 'E2E']).map((name) => (
              <th className="compass-number" key={name}>{name}</th>
            ))}
            <th className="compass-number">Quality</th><th className="compass-number">{job ? 'In time' : 'Holds'}</th>
            <th><span className="sr-only">Action</span></th>
          </tr>
        </thead>
        <tbody>{options.map((option) => <Row key={option.option_id} option={option} />)}</tbody>
      </table>
    </div>
  )
}

function Fold({ title, children }) {
  return (
    <details className="compass-fold">
      <summary>{title}</summary>
      <div className="compass-small compass-inset">{children}</div>
    </details>
  )
}

function Ledger({ plan }) {
  const lost = plan.rejected.reduce((sum, r) => sum + r.count, 0)
  return (
    <div>
      {plan.remarks.length > 0 && (
        <Fold title={`Worth knowing: ${plan.remarks.length}`}><ul>{plan.remarks.map((r, i) => <li key={i}>{r}</li>)}</ul></Fold>
      )}
      {plan.tipping_points.length > 0 && (
        <Fold title="What would change the answer">
          <ul>{plan.tipping_points.map((point) => <li key={point}>{point}</li>)}</ul>
        </Fold>
      )}
      <Fold title={`Why not the others: ${number(lost)} of ${number(plan.considered)} rejected`}>
        <ul>{plan.rejected.map((r, i) => (
          <li key={i}><b>{number(r.count)}</b> · {r.reason}<div className="compass-muted">{r.examples.join(' · ')}</div></li>
        ))}</ul>
      </Fold>
      <Fold title={`Assumptions: ${plan.assumptions.length}`}>
        <ul>{plan.assumptions.map((assumption) => <li key={assumption}>{assumption}</li>)}</ul>
      </Fold>
    </div>
  )
}

function Changed({ plan }) {
  if (!plan.base_plan_id || !plan.differences.length) return null
  return (
    <Fold title={`Changed against ${plan.base_plan_id}: ${plan.differences.length}`}>
      <ul>{plan.differences.map((difference) => <li key={difference}>{difference}</li>)}</ul>
    </Fold>
  )
}

function Question({ question }) {
  return (
    <div className="compass-chips">
      <span className="compass-small"><b>To be surer:</b> {question.text}</span>
      {question.answers.map((a, i) => (
        <button className="compass-chip" key={i} onClick={() => sendUserMessage(a.answer)}>
          <b>{a.answer}</b> <span className="compass-muted">→ {a.then}</span>
        </button>
      ))}
    </div>
  )
}

function Relaxations({ plan }) {
  if (!plan.relaxations.length) return null
  return (
    <div className="compass-small">
      <b>{plan.options.length ? 'Cheaper, if you relax' : 'The nearest that would work'}</b>
      <ul>{plan.relaxations.map((relaxation) => <li key={relaxation}>{relaxation}</li>)}</ul>
    </div>
  )
}

export default function PlanCard() {
  const plan = props.plan
  const leader = plan.options[0]
  return (
    <Card className="compass-card compass-plan">
      {leader
        ? <Leader option={leader} specification={plan.specification} id={plan.plan_id} />
        : <span className="compass-title">Not possible as asked: {plan.impossible || 'nothing holds every target'}.</span>}
      {(plan.first_remarks || []).map((remark) => <div className="compass-small" key={remark}>⚠ {remark}</div>)}
      {plan.question && <Question question={plan.question} />}
      <Changed plan={plan} />
      {plan.options.length > 0 && <Options options={plan.options} />}
      <Relaxations plan={plan} />
      <Ledger plan={plan} />
    </Card>
  )
}
