import type { Envelope, GherkinDocument, Pickle } from '../../journal/envelope.ts'
import type { JournalEntry } from '../../journal/journal.ts'
import { scenarioOf } from '../../journal/scenario.ts'

type TestStep = NonNullable<Envelope['testCase']>['testSteps'][number]
type StepResult = NonNullable<Envelope['testStepFinished']>['testStepResult']
type Attachment = NonNullable<Envelope['attachment']>

/** One step of a started scenario, or one hook. */
export interface StartedStep {
  readonly step: TestStep
  result?: StepResult
  /** When its messages were recorded. Undefined if there was none. */
  startedAt?: string
  endedAt?: string
  /** `seq` of the message that ended it. */
  endedSeq?: number
  readonly attachments: Attachment[]
}

/** The text of an executed step, and how long it took. */
export interface StepTime {
  readonly text: string
  readonly durationMs: number
}

/** One start of a scenario in Cucumber's messages. A scenario that is retried is started several times. */
export interface StartedCase {
  readonly location: string
  readonly pickle: Pickle
  readonly document: GherkinDocument | undefined
  readonly startedAt: string
  readonly steps: readonly StartedStep[]
  /** The drill that executed it. Undefined for a scenario that the run skipped before it began. */
  drill?: string
}

/** A scenario that the run had selected, and never started. */
export type WaitingCase = Pick<StartedCase, 'location' | 'pickle' | 'document'>

/** Finds the scenarios of a run in Cucumber's messages, and the drill of each. */
export class StartedCases {
  readonly started: readonly StartedCase[]
  readonly waiting: readonly WaitingCase[]
  readonly #byDrill = new Map<string, StartedCase>()

  constructor(entries: readonly JournalEntry[]) {
    const documents = new Map<string | undefined, GherkinDocument>()
    const pickles = new Map<string, Pickle>()
    const cases = new Map<string, NonNullable<Envelope['testCase']>>()
    const started = new Map<string, StartedCase>()
    const begun = new Set<string>()
    for (const entry of entries) {
      if (entry.kind === 'drill-started' && entry.drill !== undefined)
        this.#assign(entry.drill, entry.location, started)
      if (entry.kind !== 'envelope') continue
      const { gherkinDocument, pickle, testCase, testCaseStarted, testStepStarted, testStepFinished, attachment } =
        entry.envelope as Envelope
      if (gherkinDocument !== undefined) documents.set(gherkinDocument.uri, gherkinDocument)
      if (pickle !== undefined) pickles.set(pickle.id, pickle)
      if (testCase !== undefined) cases.set(testCase.id, testCase)
      if (testCaseStarted !== undefined) {
        const known = cases.get(testCaseStarted.testCaseId)
        const own = pickles.get(known?.pickleId ?? '')
        if (known === undefined || own === undefined) continue
        begun.add(own.id)
        const document = documents.get(own.uri)
        const steps = known.testSteps.map((step) => ({ step, attachments: [] }))
        const { location } = scenarioOf(own, document)
        started.set(testCaseStarted.id, { location, pickle: own, document, startedAt: entry.at, steps })
      }
      const of = testStepStarted ?? testStepFinished ?? attachment
      const step = started.get(of?.testCaseStartedId ?? '')?.steps.find(({ step: { id } }) => id === of?.testStepId)
      if (step === undefined) continue
      if (testStepStarted !== undefined) step.startedAt = entry.at
      if (attachment !== undefined) step.attachments.push(attachment)
      if (testStepFinished === undefined) continue
      step.result = testStepFinished.testStepResult
      step.endedSeq = entry.seq
      step.endedAt = entry.at
    }
    this.started = [...started.values()]
    this.waiting = [...cases.values()].flatMap(({ pickleId }) => {
      const pickle = pickles.get(pickleId)
      if (pickle === undefined || begun.has(pickleId)) return []
      const document = documents.get(pickle.uri)
      return [{ location: scenarioOf(pickle, document).location, pickle, document }]
    })
  }

  /** Returns the scenario that a drill executed. Undefined if the journal was cut before its messages. */
  ofDrill(id: string): StartedCase | undefined {
    return this.#byDrill.get(id)
  }

  /** Returns the steps that a drill has executed, and how long each took. */
  stepTimes(id: string): readonly StepTime[] {
    const own = this.ofDrill(id)
    const texts = new Map(own?.pickle.steps.map((step) => [step.id, step.text]))
    return (own?.steps ?? []).flatMap(({ step, result }) => {
      const text = texts.get(step.pickleStepId ?? '')
      return text === undefined || result === undefined ? [] : [{ text, durationMs: durationMsOf(result) }]
    })
  }

  /** A drill begins in the first hook of its scenario: it belongs to the last start at its location. */
  #assign(drill: string, location: string, started: ReadonlyMap<string, StartedCase>): void {
    const own = [...started.values()].findLast((one) => one.location === location && one.drill === undefined)
    if (own === undefined) return
    own.drill = drill
    this.#byDrill.set(drill, own)
  }
}

/** Returns how long a step took, and 0 for a message without a duration. */
export function durationMsOf(result: StepResult): number {
  const { seconds = 0, nanos = 0 }: Partial<StepResult['duration']> = result.duration ?? {}
  return Number(seconds) * 1000 + nanos / 1_000_000
}
