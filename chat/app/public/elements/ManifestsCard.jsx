import { Button } from '@/components/ui/button'
import { Card } from '@/components/ui/card'
import { Markdown } from '@/components/markdown'
import { useState } from 'react'

function Code({ manifest }) {
  // Coloured when opened: a dozen objects at once would make the page wait.
  const [seen, setSeen] = useState(false)
  return (
    <details className="compass-fold" onToggle={(event) => event.currentTarget.open && setSeen(true)}>
      <summary>{manifest.kind} <span className="compass-muted">{manifest.name}</span></summary>
      {seen && <div className="compass-code"><Markdown>{'```yaml\n' + manifest.yaml.trim() + '\n```'}</Markdown></div>}
    </details>
  )
}

function download(name, text) {
  const address = URL.createObjectURL(new Blob([text], { type: 'application/yaml' }))
  const link = Object.assign(document.createElement('a'), { href: address, download: name })
  link.click()
  URL.revokeObjectURL(address)
}

export default function ManifestsCard() {
  const { option_id, namespace, manifests, notes } = props.manifests
  const [copied, setCopied] = useState(false)
  return (
    <Card className="compass-card">
      <div className="flex flex-wrap items-center justify-between gap-2">
        <span className="compass-headline">
          {manifests.length} Kubernetes objects of {option_id} <span className="compass-small compass-muted">namespace {namespace}, checked against their schemas</span>
        </span>
        <span className="compass-chips">
          <Button size="sm" onClick={() => download(`${option_id || 'manifests'}.yaml`, props.text)}>Download YAML</Button>
          <Button size="sm" variant="outline" onClick={() => navigator.clipboard.writeText(props.text).then(() => setCopied(true))}>
            {copied ? 'Copied' : 'Copy all'}
          </Button>
        </span>
      </div>
      {notes.length > 0 && <ul className="compass-small compass-list">{notes.map((n, i) => <li key={i}>{n}</li>)}</ul>}
      <div>{manifests.map((m) => <Code key={m.kind + m.name} manifest={m} />)}</div>
    </Card>
  )
}
