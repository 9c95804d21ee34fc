import type { JournalEntry } from '../journal/journal.ts'
import { attributesOf, nanosOf } from './otlp-json.ts'
import type { SpanEvent } from './span.ts'

type Facts = Parameters<typeof attributesOf>[0]

/** Returns an entry as the event of a span: a fault, a restore, a finding or an error. Undefined for any other entry. */
export function eventOf(entry: JournalEntry): SpanEvent | undefined {
  const timeUnixNano = nanosOf(entry.at)
  const [name, facts] = factsOf(entry) ?? []
  if (timeUnixNano === undefined || name === undefined || facts === undefined) return undefined
  return { timeUnixNano, name, attributes: attributesOf({ ...facts, 'dr_drill.entry': entry.seq }) }
}

function factsOf(entry: JournalEntry): readonly [name: string, facts: Facts] | undefined {
  if (entry.kind === 'fault') return ['fault', { 'dr_drill.fault': entry.fault, 'dr_drill.subject': entry.subject }]
  if (entry.kind === 'error') return ['exception', { 'exception.type': entry.code, 'exception.message': entry.message }]
  if (entry.kind === 'finding') {
    const { verdict, question, sentence } = entry.finding
    return ['finding', { 'dr_drill.verdict': verdict, 'dr_drill.question': question, 'dr_drill.sentence': sentence }]
  }
  if (entry.kind !== 'restore') return undefined
  const { outcome, node, image, reason } = entry.restore
  const { workload, vm, disk, snapshot } = image
  return [
    'restore',
    {
      ...{ 'dr_drill.outcome': outcome, 'dr_drill.where': node, 'dr_drill.workload': workload, 'dr_drill.vm': vm },
      ...{ 'dr_drill.disk': disk, 'dr_drill.snapshot': snapshot, 'dr_drill.reason': reason?.sentence },
    },
  ]
}
