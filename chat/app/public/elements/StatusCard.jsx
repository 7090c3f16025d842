import { Badge } from '@/components/ui/badge'
import { Button } from '@/components/ui/button'
import { Card } from '@/components/ui/card'
import { Input } from '@/components/ui/input'
import { useEffect, useState } from 'react'

const ms = (value) => (value >= 1000 ? (value / 1000).toFixed(1) + ' s' : Number(value).toFixed(value < 10 ? 1 : 0) + ' ms')
const tone = { holds: 'compass-holds', broken: 'compass-broken', 'at risk': 'compass-risk', 'not measured': 'compass-muted' }
const names = { ttft_p95_ms: 'TTFT p95', itl_p95_ms: 'ITL p95', e2e_p95_ms: 'E2E p95' }

function Spark({ history, target }) {
  const points = history.filter((v) => v != null)
  if (points.length < 2) return <span className="compass-muted compass-small">…</span>
  const top = Math.max(target, ...points) * 1.1
  const at = (v, i) => `${(i / (points.length - 1)) * 96 + 2},${30 - (v / top) * 28}`
  return (
    <svg width="100" height="32" role="img" aria-label="measured over time, dashed line: target">
      <line x1="0" x2="100" y1={30 - (target / top) * 28} y2={30 - (target / top) * 28} stroke="currentColor" strokeDasharray="3 3" opacity="0.4" />
      <polyline fill="none" stroke="currentColor" strokeWidth="1.5" points={points.map(at).join(' ')} />
    </svg>
  )
}

function Figures({ status, history }) {
  return (
    <div className="compass-scroll">
      <table className="compass-table">
        <thead>
          <tr><th>Figure</th><th className="compass-number">Target</th><th className="compass-number">Promised</th>
            <th className="compass-number">Measured</th><th className="compass-number">Samples</th><th>Verdict</th><th>Course</th></tr>
        </thead>
        <tbody>
          {status.metrics.map((m) => (
            <tr key={m.name}>
              <td>{names[m.name]}</td>
              <td className="compass-number">≤ {ms(m.target)}</td>
              <td className="compass-number">{ms(m.promised.value)}</td>
              <td className="compass-number">{m.measured == null ? 'not measured' : ms(m.measured)}</td>
              <td className="compass-number">{m.samples}</td>
              <td className={tone[m.verdict]}>{m.verdict}</td>
              <td><Spark history={history[m.name] || []} target={m.target} /></td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

export default function StatusCard() {
  const status = props.status
  const [prompt, setPrompt] = useState('Say hello in one sentence.')
  const gone = !status.ready && status.replicas_ready === 0
  useEffect(() => {
    if (gone || props.stopped) return
    const timer = setInterval(
      () => callAction({ name: 'refresh_status', payload: { deployment_id: status.deployment_id, element_id: props.card } }), 5000)
    return () => clearInterval(timer)
  }, [gone, props.stopped])
  return (
    <Card className="p-4 flex flex-col gap-3" style={{ maxWidth: '100%' }}>
      <div className="flex flex-wrap items-center gap-2">
        <span className="compass-headline">{status.deployment_id}</span>
        <span className={tone[status.verdict]}>{status.verdict}</span>
        {status.simulated && <Badge variant="outline" className="compass-simulated">simulated engine</Badge>}
        <span className="compass-small compass-muted">
          {status.replicas_ready} of {status.replicas_wanted} replicas ready · {status.target}
          {status.endpoint ? ` · ${status.endpoint}` : ''}
        </span>
      </div>
      <Figures status={status} history={props.history || {}} />
      {status.note && <div className="compass-small compass-muted">{status.note}</div>}
      {status.events.length > 0 && <ul className="compass-small">{status.events.map((e, i) => <li key={i}>{e}</li>)}</ul>}
      {!gone && (
        <form className="flex flex-wrap gap-2" onSubmit={(event) => {
          event.preventDefault()
          if (prompt.trim()) sendUserMessage(`Send ${status.deployment_id} the prompt: ${prompt}`)
        }}>
          <Input value={prompt} onChange={(event) => setPrompt(event.target.value)} aria-label="Test prompt" style={{ flex: '1 1 12rem' }} />
          <Button type="submit" variant="outline">Send test prompt</Button>
          <Button type="button" variant="outline" onClick={() => sendUserMessage(`Remove ${status.deployment_id}`)}>Undeploy</Button>
        </form>
      )}
    </Card>
  )
}
