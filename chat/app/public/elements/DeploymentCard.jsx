import { Badge } from '@/components/ui/badge'
import { Button } from '@/components/ui/button'
import { Card } from '@/components/ui/card'

const { price, short } = window.compass

function DryRun({ deployment }) {
  return (
    <Card className="compass-card">
      <div className="compass-headline">Dry run: nothing was made</div>
      <ul className="compass-small compass-list">{deployment.changes.map((c, i) => <li key={i}><b>{c.action}</b> {c.what}</li>)}</ul>
      <div><Button size="sm" onClick={() => sendUserMessage(`Deploy ${props.option_id} on ${deployment.target}`)}>Deploy …</Button></div>
    </Card>
  )
}

export default function DeploymentCard() {
  const d = props.deployment
  if (d.dry_run) return <DryRun deployment={d} />
  return (
    <Card className="compass-card">
      <div className="flex flex-wrap items-center gap-2">
        <span className="compass-headline">{d.deployment_id} · {short(d.model)}</span>
        {d.simulated && <Badge variant="outline" className="compass-simulated">simulated engine</Badge>}
      </div>
      <div className="compass-small compass-muted">
        {d.target}{d.namespace ? ` · namespace ${d.namespace}` : ''}{d.endpoint ? ` · ${d.endpoint}` : ''}
        {d.usd_per_hour != null ? ` · ${d.usd_per_hour > 0 ? price(d.usd_per_hour) + ' an hour' : 'costs nothing'}` : ''}
      </div>
      {d.note && <div className="compass-small">{d.note}</div>}
      <div className="compass-chips">
        <Button size="sm" onClick={() => sendUserMessage(`How is ${d.deployment_id} doing?`)}>Status and test prompt</Button>
        <Button size="sm" variant="outline" onClick={() => sendUserMessage(`Remove ${d.deployment_id}`)}>Undeploy …</Button>
      </div>
    </Card>
  )
}
