import { Badge } from '@/components/ui/badge'
import { Button } from '@/components/ui/button'
import { Card } from '@/components/ui/card'
import { Popover, PopoverContent, PopoverTrigger } from '@/components/ui/popover'

const { interval, money, ms, number, short } = window.compass
const TONE = { yes: 'compass-holds', no: 'compass-broken', partly: 'compass-risk' }
const MEANING = {
  measured: 'A run on real hardware.',
  simulated: 'The output of a simulator.',
  estimated: "Our capacity model's figure, fitted on measured runs; the interval holds 80 % of them.",
}
const PARTS = [['weights', 'weights'], ['runtime', 'runtime'], ['kv_cache', 'KV cache'], ['free', 'free']]

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

function Memory({ memory }) {
  const whole = Math.max(memory.total_per_gpu, memory.weights + memory.runtime)
  const said = PARTS.map(([name, title]) => `${title} ${memory[name]}`).join(', ')
  return (
    <div>
      <div className="compass-memory" role="img" aria-label={`Memory of a GPU in GiB: ${said}, of ${memory.total_per_gpu}`}>
        {PARTS.map(([name]) => (
          <span key={name} className={`compass-memory-${name}`} style={{ width: `${(100 * memory[name]) / whole}%` }} />
        ))}
      </div>
      <div className="compass-chips compass-small">
        {PARTS.map(([name, title]) => (
          <span key={name}><i className={`compass-key compass-memory-${name}`} /> {title} <b>{memory[name]}</b></span>
        ))}
        <span className="compass-muted">of {memory.total_per_gpu} GiB a GPU</span>
      </div>
    </div>
  )
}

function Fact({ name, value, note }) {
  return <div className="compass-fact"><dt>{name}</dt><dd>{value} {note && <small>{note}</small>}</dd></div>
}

function Facts({ answer }) {
  const best = answer.best
  const at = best.at_load
  return (
    <dl className="compass-facts">
      <Fact name="Longest context" value={number(best.max_context_tokens)} note={best.context_bound === 'model' ? 'own window' : 'tokens'} />
      <Fact name={`At once, ${number(answer.load.context_tokens)} tokens each`} value={number(best.max_concurrent_requests)} note="requests" />
      {at && <Fact name={`Output at ${number(at.concurrent_requests)} at once`} value={number(at.output_tokens_per_second)} note={`tokens/s [${number(at.output_tokens_per_second_interval.low)}–${number(at.output_tokens_per_second_interval.high)}]`} />}
      {at && <Fact name="TTFT" value={ms(at.ttft_ms.value)} note={`[${interval(at.ttft_ms)}]`} />}
      {at && <Fact name="ITL" value={ms(at.itl_ms.value)} note={`[${interval(at.itl_ms)}]`} />}
      {best.job && <Fact name="The job" value={`${number(best.job.hours)} h`} note={best.job.usd_per_job == null ? `${number(best.job.gpu_hours)} GPU-hours` : money(best.job.usd_per_job)} />}
      <Fact name="Cost" value={best.usd_per_month == null ? '–' : money(best.usd_per_month)} note={best.usd_per_month == null ? 'no price listed' : 'a month'} />
    </dl>
  )
}

function Arrangements({ arrangements, keepsTargets }) {
  const most = keepsTargets ? 'Requests/s in targets' : 'Requests/s at most'
  const limit = (one) => (one.limit && (one.limit.targets.length || !keepsTargets) ? number(one.limit.requests_per_second) : '–')
  return (
    <div className="compass-scroll" tabIndex={0} role="region" aria-label="Ways to use the GPUs">
      <table className="compass-table">
        <thead>
          <tr>
            <th>Arrangement</th><th className="compass-number">Longest context</th><th className="compass-number">At once</th>
            <th className="compass-number">Tokens/s, full</th><th className="compass-number">{most}</th>
          </tr>
        </thead>
        <tbody>{arrangements.map((one) => (
          <tr key={one.words}>
            <td>{one.words}</td>
            <td data-label="Context" className="compass-number">{one.fits ? number(one.max_context_tokens) : 'does not fit'}</td>
            <td data-label="At once" className="compass-number">{one.fits ? number(one.max_concurrent_requests) : '–'}</td>
            <td data-label="Tokens/s, full" className="compass-number">{one.full_load ? number(one.full_load.output_tokens_per_second) : '–'}</td>
            <td data-label={most} className="compass-number">{limit(one)}</td>
          </tr>
        ))}</tbody>
      </table>
    </div>
  )
}

function Fold({ title, lines, open }) {
  if (!lines.length) return null
  return (
    <details className="compass-fold" open={open}>
      <summary>{title}</summary>
      <div className="compass-small compass-inset"><ul>{lines.map((line) => <li key={line}>{line}</li>)}</ul></div>
    </details>
  )
}

export default function CapacityCard() {
  const answer = props.answer
  const best = answer.best
  const tone = TONE[answer.verdict] || ''
  return (
    <Card className="compass-card compass-capacity">
      {answer.question && <div className="compass-headline">{answer.question}</div>}
      {best && (
        <div className="flex flex-wrap items-center gap-2">
          <span className={`compass-title ${tone}`}>{answer.word}</span>
          <span className="compass-title">{answer.title}</span>
          {best.fits && <Evidence evidence={best.evidence} />}
          <span className="compass-small compass-muted" style={{ marginLeft: 'auto' }}>{answer.capacity_id}</span>
        </div>
      )}
      {answer.why && <div className="compass-small">{answer.why}</div>}
      {answer.remarks.map((remark) => <div key={remark} className="compass-small compass-risk">{remark}</div>)}
      {best && <Memory memory={best.memory_gib} />}
      {best && best.fits && <Facts answer={answer} />}
      {answer.limit && <div className="compass-small compass-muted">Limit: {answer.limit}{answer.bottleneck && `. Bottleneck: ${answer.bottleneck}`}</div>}
      {answer.arrangements.length > 1 && <Arrangements arrangements={answer.arrangements} keepsTargets={answer.keeps_targets} />}
      {answer.choice && <div className="compass-small compass-muted">Best way: {answer.choice}.</div>}
      <Fold title={`What would help: ${answer.helps.length}`} lines={answer.helps} open />
      <Fold title={`Models that fit: ${answer.suggestions.length}`} lines={answer.suggestions} open />
      <Fold title={`Measured runs of this configuration: ${answer.measured.length}`} lines={answer.measured} />
      <Fold title={`Assumptions: ${answer.assumptions.length}`} lines={answer.assumptions} />
      {best && answer.gpu_count && (
        <div className="compass-chips">
          <Button size="sm" variant="outline" onClick={() => sendUserMessage(`and with ${2 * answer.gpu_count} GPUs?`)}>With {2 * answer.gpu_count} GPUs</Button>
          <Button size="sm" variant="outline" onClick={() => sendUserMessage('why?')}>Why?</Button>
          <Button size="sm" variant="outline" onClick={() => sendUserMessage('how sure are you?')}>How sure?</Button>
        </div>
      )}
    </Card>
  )
}
