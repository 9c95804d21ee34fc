import type { Envelope } from '../journal/envelope.ts'
import type { JournalEntry } from '../journal/journal.ts'
import { ScenarioIndex } from '../journal/scenario.ts'
import { backgroundText } from './background-text.ts'
import { runOverview } from './run-overview.ts'

/** Lines that are written at once. */
const maxLines = 256

/**
 * Writes `messages.ndjson`: Cucumber's own messages, one a line, for tools that read them. It is made from
 * any journal: of a run that was killed, or merged from several.
 */
export async function* messages(entries: readonly JournalEntry[]): AsyncGenerator<string> {
  let lines: string[] = []
  for (const envelope of withBackgrounds(entries)) {
    lines.push(`${JSON.stringify(envelope)}\n`)
    if (lines.length < maxLines) continue
    yield lines.join('')
    lines = []
  }
  yield lines.join('')
}

/** The envelopes with a log at the first step of each scenario whose background was not executed. */
function* withBackgrounds(entries: readonly JournalEntry[]): Generator<Envelope> {
  const { drills, retried } = runOverview(entries)
  const origins = new Map(drills.map(({ location, background }) => [location, background]))
  const attempts = new Attempts(retried.map(({ location }) => location))
  const scenarios = new ScenarioIndex()
  const steps = new Map<string, string>()
  for (const entry of entries) {
    if (entry.kind !== 'envelope') continue
    const envelope = entry.envelope as Envelope
    scenarios.update(envelope)
    yield attempts.numbered(envelope, scenarios)
    const { testCase, testStepStarted } = envelope
    const [first] = testCase?.testSteps.filter(({ pickleStepId }) => pickleStepId !== undefined) ?? []
    if (testCase !== undefined && first !== undefined) steps.set(first.id, testCase.id)
    if (testStepStarted === undefined || !steps.has(testStepStarted.testStepId)) continue
    const { testCaseStartedId, testStepId } = testStepStarted
    const origin = origins.get(scenarios.scenario(testCaseStartedId).location)
    if (origin === undefined) continue
    const log = { mediaType: 'text/x.cucumber.log+plain', contentEncoding: 'IDENTITY' as const }
    yield { attachment: { ...log, body: backgroundText(origin), testCaseStartedId, testStepId } } as Envelope
  }
}

/** Numbers the attempts of scenarios that were tried again, as Cucumber does for its own retries. */
class Attempts {
  /** How many attempts of a scenario were followed by another, by its location. */
  readonly #retried: ReadonlyMap<string, number>
  readonly #started = new Map<string, number>()
  readonly #numbers = new Map<string, number>()

  constructor(retried: readonly string[]) {
    this.#retried = new Map([...Map.groupBy(retried, (one) => one)].map(([location, all]) => [location, all.length]))
  }

  numbered(envelope: Envelope, scenarios: ScenarioIndex): Envelope {
    const { testCaseStarted, testCaseFinished } = envelope
    const id = testCaseStarted?.id ?? testCaseFinished?.testCaseStartedId
    if (this.#retried.size === 0 || id === undefined) return envelope
    const { location } = scenarios.scenario(id)
    const retried = this.#retried.get(location)
    if (retried === undefined) return envelope
    if (testCaseStarted !== undefined) {
      const attempt = this.#started.get(location) ?? 0
      this.#started.set(location, attempt + 1)
      this.#numbers.set(id, attempt)
      return { testCaseStarted: { ...testCaseStarted, attempt } }
    }
    if (testCaseFinished === undefined) return envelope
    return { testCaseFinished: { ...testCaseFinished, willBeRetried: (this.#numbers.get(id) ?? 0) < retried } }
  }
}
