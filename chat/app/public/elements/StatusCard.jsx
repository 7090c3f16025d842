import { Badge } from '@/components/ui/badge'
import { Button } from '@/components/ui/button'
import { Card } from '@/components/ui/card'
import { Input } from '@/components/ui/input'
import { useEffect, useState } from 'react'

const { exactMs, interval, ms, number } = window.compass
const EVERY_MS = 5000
const KEPT = 60
const tone = { holds: 'compass-holds', broken: 'compass-broken', 'at risk': 'compass-risk', 'not measured': 'compass-muted' }
const names = { ttft_p95_ms: 'TTFT p95', itl_p95_ms: 'ITL p95', e2e_p95_ms: 'E2E p95' }
// A verdict needs more samples than a test prompt gives.
const verdict = (verdict, samples) => (verdict === 'not measured' && samples > 0 ? 'too few samples yet' : verdict)
const values = (status) => Object.fromEntries(status.metrics.map((m) => [m.name, m.measured]))

/* The deployment read again every few seconds while the page is looked at, and its course so far. */
function useLive(first) {
  const [live, setLive] = useState({ status: first, course: [values(first)], over: '' })
  useEffect(() => {
    if (live.over) return
    const timer = setInterval(async () => {
      if (document.hidden) return
      const { response } = await callAction({ name: 'refresh_status', payload: { deployment_id: first.deployment_id } })
      setLive((old) => response.error
        ? { ...old, over: response.gone ? response.error : '', trouble: response.error }
        : { status: response.status, course: [...old.course, values(response.status)].slice(-KEPT), over: '' })
    }, EVERY_MS)
    return () => clearInterval(timer)
  }, [live.over])
  return live
}

function Course({ points, metric }) {
  const seen = points.filter((v) => v != null)
  if (!seen.length) return <span className="compass-muted compass-tiny">no requests yet</span>
  const top = Math.max(metric.target, metric.promised.high, ...seen) * 1.05
  const y = (v) => 34 - (v / top) * 32
  const line = (seen.length > 1 ? seen : [seen[0], seen[0]]).map((v, i, all) => `${(i / (all.length - 1)) * 120},${y(v)}`)
  return (
    <svg width="120" height="36" role="img" aria-label={`measured over time: now ${ms(seen.at(-1))}; band: promised; dashed line: target`}>
      <rect x="0" width="120" y={y(metric.promised.high)} height={Math.max(1, y(metric.promised.low) - y(metric.promised.high))} className="compass-band" />
      <line x1="0" x2="120" y1={y(metric.target)} y2={y(metric.target)} className="compass-target" />
      <polyline points={line.join(' ')} className="compass-course" />
    </svg>
  )
}

function Row({ metric, course }) {
  const few = metric.samples < metric.samples_needed
  return (
    <tr>
      <td>{names[metric.name]}</td>
      <td data-label="Target" className="compass-number">≤ {exactMs(metric.target)}</td>
      <td data-label="Promised" className="compass-number">{ms(metric.promised.value)}<div className="compass-muted compass-tiny">{interval(metric.promised)}</div></td>
      <td data-label="Measured" className="compass-number">{metric.measured == null ? '–' : ms(metric.measured)}</td>
      <td data-label="Samples" className="compass-number">{number(metric.samples)}{few && <div className="compass-muted compass-tiny">{metric.samples_needed} needed</div>}</td>
      <td className={tone[metric.verdict]}>{verdict(metric.verdict, metric.samples)}</td>
      <td><Course metric={metric} points={course.map((point) => point[metric.name])} /></td>
    </tr>
  )
}

function Figures({ status, course }) {
  return (
    <div className="compass-scroll" tabIndex={0} role="region" aria-label="Promised against measured">
      <table className="compass-table">
        <thead>
          <tr>
            <th>Figure</th><th className="compass-number">Target</th><th className="compass-number">Promised</th>
            <th className="compass-number">Measured</th><th className="compass-number">Samples</th><th>Verdict</th><th>Course</th>
          </tr>
        </thead>
        <tbody>{status.metrics.map((m) => <Row key={m.name} metric={m} course={course} />)}</tbody>
      </table>
    </div>
  )
}

function TestPrompt({ id }) {
  const [prompt, setPrompt] = useState('Say hello in one sentence.')
  const send = (event) => {
    event.preventDefault()
    if (prompt.trim()) sendUserMessage(`Send ${id} the prompt: ${prompt}`)
  }
  return (
    <form className="flex flex-wrap gap-2" onSubmit={send}>
      <Input value={prompt} onChange={(event) => setPrompt(event.target.value)} aria-label="Test prompt" style={{ flex: '1 1 12rem' }} />
      <Button type="submit">Send test prompt</Button>
      <Button type="button" variant="outline" onClick={() => sendUserMessage(`Remove ${id}`)}>Undeploy …</Button>
    </form>
  )
}

export default function StatusCard() {
  const { status, course, over, trouble } = useLive(props.status)
  const load = status.requests_total == null ? '' :
    ` · ${number(status.requests_running || 0)} running, ${number(status.requests_waiting || 0)} waiting, ${number(status.requests_total)} finished`
  return (
    <Card className="compass-card">
      <div className="flex flex-wrap items-center gap-2">
        <span className="compass-headline">{status.deployment_id}</span>
        <span className={tone[status.verdict]}>{over ? 'gone' : verdict(status.verdict, Math.max(0, ...status.metrics.map((m) => m.samples)))}</span>
        {status.simulated && <Badge variant="outline" className="compass-simulated">simulated engine</Badge>}
        <span className="compass-small compass-muted">
          {status.replicas_ready} of {status.replicas_wanted} replicas ready{load} · {status.target}{status.endpoint ? ` · ${status.endpoint}` : ''}
        </span>
      </div>
      <Figures status={status} course={course} />
      <div className="compass-small compass-muted" aria-live="polite">
        {over || trouble || `Read every ${EVERY_MS / 1000} s. ${status.note}`}
      </div>
      {status.events.length > 0 && (
        <details className="compass-fold"><summary>Events: {status.events.length}</summary>
          <ul className="compass-small compass-list">{status.events.map((e, i) => <li key={i}>{e}</li>)}</ul></details>
      )}
      {!over && <TestPrompt id={status.deployment_id} />}
    </Card>
  )
}
