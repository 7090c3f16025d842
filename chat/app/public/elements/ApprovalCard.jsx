import { Card } from '@/components/ui/card'

export default function ApprovalCard() {
  const request = props.request
  return (
    <Card className="p-4 flex flex-col gap-3" style={{ maxWidth: '100%' }}>
      <div className="compass-headline">{request.title}</div>
      <dl className="compass-facts">
        <div className="compass-fact"><dt>Target</dt><dd>{request.target}</dd></div>
        {request.usd_per_hour != null && (
          <div className="compass-fact"><dt>Cost</dt><dd>${request.usd_per_hour.toFixed(2)} <small>an hour</small></dd></div>
        )}
      </dl>
      <ul className="compass-small">
        {request.changes.map((change, i) => (
          <li key={i}>
            <b>{change.action}</b> {change.what}
            {change.diff && (
              <details className="compass-fold"><summary>difference</summary><pre className="compass-diff">{change.diff}</pre></details>
            )}
          </li>
        ))}
      </ul>
    </Card>
  )
}
