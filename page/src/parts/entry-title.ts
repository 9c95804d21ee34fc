import type { JournalEntry } from '../../../src/journal/journal.ts'

/** An entry in one line. */
export interface EntryTitle {
  readonly text: string
  readonly place?: string
  readonly verdict?: string
  readonly durationMs?: number
}

export function entryTitle(entry: JournalEntry): EntryTitle {
  switch (entry.kind) {
    case 'command': {
      const { command, where, durationMs, exitCode, ended } = entry
      const [line = ''] = command.replace(/^sh -eu -s --.*<<'EOF'\n+/, '').split('\n', 1)
      const end = exitCode === 0 ? '' : ` (${exitCode === null ? ended : `exit code ${exitCode}`})`
      return { text: `${line}${end}`, place: where, durationMs }
    }
    case 'observation':
      return { text: `${entry.subject}${shortFacts(entry.facts)}`, place: entry.where }
    case 'backup':
      return { text: `${imageName(entry.image)}, ${entry.image.type}`, place: entry.site }
    case 'fault':
      return { text: `${entry.fault}: ${entry.subject}` }
    case 'action':
      return { text: `${actionText(entry.action)}, ${entry.outcome}`, place: entry.where }
    case 'restore': {
      const { image, node, outcome, reason, durationMs } = entry.restore
      const why = reason === undefined ? '' : `: ${reason.sentence}`
      return { text: `${imageName(image)}${why}`, place: node, verdict: outcome, durationMs }
    }
    case 'expectation':
      return { text: entry.question }
    case 'finding':
      return { text: `${entry.finding.question}: ${entry.finding.sentence}`, verdict: entry.finding.verdict }
    case 'error':
      return { text: entry.message.split('\n', 1)[0] ?? '', verdict: entry.blame === 'failure' ? 'failed' : 'unknown' }
    case 'note':
      return { text: entry.text }
    case 'phase-started':
      return { text: `${entry.phase} begins` }
    case 'phase-ended':
      return { text: `${entry.phase} ends`, durationMs: entry.durationMs }
    case 'drill-started':
      return { text: entry.name }
    case 'drill-ended':
      return { text: entry.why ?? '', verdict: entry.outcome }
    case 'exercise': {
      const { event, person = '', subject = '', text = '', node } = entry
      const words = [event, person, subject, text].filter((word) => word !== '').join(' · ')
      return { text: words.split('\n', 1)[0] ?? '', ...(node !== undefined && { place: node }) }
    }
    case 'background-taken-over':
      return { text: `from "${entry.origin.name}"` }
    default:
      return { text: '' }
  }
}

/** `snapshot 2 of web, web-1, vda` */
function imageName(image: {
  readonly workload: string
  readonly vm: string
  readonly disk: string
  readonly snapshot: number
}): string {
  return `snapshot ${image.snapshot} of ${image.workload}, ${image.vm}, ${image.disk}`
}

function shortFacts(facts: unknown): string {
  if (typeof facts === 'string' && facts.length < 100 && !facts.includes('\n')) return `: ${facts}`
  return typeof facts === 'number' || typeof facts === 'boolean' ? `: ${facts}` : ''
}

/** Returns an action in words, e.g. `bind /a at /b`. */
function actionText(action: unknown): string {
  if (typeof action !== 'object' || action === null) return String(action)
  const { kind, path, local, origin } = action as Readonly<Record<string, unknown>>
  const about = local !== undefined && origin !== undefined ? `${local} at ${origin}` : (path ?? '')
  return `${kind} ${about}`.trim()
}
