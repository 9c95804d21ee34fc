import type { Envelope } from './envelope.ts'

/** Kinds of envelopes that Cucumber sends at the start of each run, before the first scenario. */
const declarations = new Set<string>([
  'meta',
  'source',
  'gherkinDocument',
  'pickle',
  'parameterType',
  'undefinedParameterType',
  'stepDefinition',
  'hook',
  'testRunStarted',
])
/** Kinds of envelopes that differ between runs only in times and processes. */
const onceOnly = new Set(['meta', 'testRunStarted'])

/** The state of one worker's envelopes. */
interface Source {
  /** Ids in the merged run, by the worker's ids. */
  readonly names: Map<string, string>
  /** How often the worker's current run of Cucumber has sent the same declaration, by its content. */
  readonly counts: Map<string, number>
  /** The steps of each test case, in order. */
  readonly steps: Map<string, readonly string[]>
  /** The test cases that have started but not finished, with their unfinished steps. */
  readonly open: Map<string, readonly string[]>
}

/**
 * Merges many runs of Cucumber into one. Each run declares everything again under other ids. Repeated declarations are
 * dropped, and references to them are changed to the first declaration.
 */
export class MergedEnvelopes {
  readonly #declared = new Map<string, readonly string[]>()
  readonly #sources = new Map<number, Source>()
  #run: string | undefined
  #success = true

  /** Returns the envelope for the merged run. Undefined if the run has it already, or gets it at its end. */
  take(worker: number, envelope: Envelope): Envelope | undefined {
    const kind = Object.keys(envelope)[0] ?? ''
    const source = this.#source(worker)
    if (kind === 'meta') source.counts.clear()
    if (envelope.testRunFinished !== undefined) {
      this.#success &&= envelope.testRunFinished.success
      return undefined
    }
    const isNew = !declarations.has(kind) || this.#declare(source, kind, envelope)
    if (!isNew) return undefined
    const renamed = rename(envelope, source.names) as Envelope
    if (renamed.testRunStarted !== undefined) this.#run = renamed.testRunStarted.id
    follow(source, renamed)
    return renamed
  }

  /** Returns the envelopes that end the open scenario of a lost worker. */
  lose(worker: number, why: string, at: Date): readonly Envelope[] {
    const { open } = this.#source(worker)
    const timestamp = timestampOf(at)
    const ends = [...open].flatMap(([testCaseStartedId, steps]): readonly object[] => {
      // Reports show the worst status of a scenario's steps, and rank `UNKNOWN` above `PASSED`.
      const testStepResult = { status: 'FAILED', message: why, duration: { seconds: 0, nanos: 0 } }
      const step = { testStepFinished: { testCaseStartedId, testStepId: steps[0], testStepResult, timestamp } }
      const end = { testCaseFinished: { testCaseStartedId, timestamp, willBeRetried: false } }
      return steps.length === 0 ? [end] : [step, end]
    })
    if (open.size > 0) this.#success = false
    open.clear()
    // The status is an enum of a package that only Cucumber depends on.
    return ends as readonly Envelope[]
  }

  /** Returns the envelope that ends the merged run. Undefined if no run has begun. */
  end(at: Date): Envelope | undefined {
    const testRunStartedId = this.#run
    if (testRunStartedId === undefined) return undefined
    return { testRunFinished: { testRunStartedId, success: this.#success, timestamp: timestampOf(at) } }
  }

  #source(worker: number): Source {
    const known = this.#sources.get(worker)
    if (known !== undefined) return known
    const source = { names: new Map(), counts: new Map(), steps: new Map(), open: new Map() }
    this.#sources.set(worker, source)
    return source
  }

  /** Returns false for a repeated declaration. Its ids are mapped to those of the first one. */
  #declare({ names, counts }: Source, kind: string, envelope: Envelope): boolean {
    const content = onceOnly.has(kind) ? kind : contentOf(envelope)
    const count = (counts.get(content) ?? 0) + 1
    counts.set(content, count)
    const key = `${count} ${content}`
    const ids = idsOf(envelope)
    const before = this.#declared.get(key)
    if (before === undefined) this.#declared.set(key, ids)
    else for (const [index, id] of ids.entries()) names.set(id, before[index] ?? id)
    return before === undefined
  }
}

function follow({ steps, open }: Source, envelope: Envelope): void {
  const { testCase, testCaseStarted, testStepFinished, testCaseFinished } = envelope
  if (testCase !== undefined) steps.set(testCase.id, idsOf(testCase.testSteps))
  if (testCaseStarted !== undefined) open.set(testCaseStarted.id, steps.get(testCaseStarted.testCaseId) ?? [])
  if (testStepFinished !== undefined) {
    const { testCaseStartedId, testStepId } = testStepFinished
    open.set(
      testCaseStartedId,
      (open.get(testCaseStartedId) ?? []).filter((id) => id !== testStepId),
    )
  }
  if (testCaseFinished !== undefined) open.delete(testCaseFinished.testCaseStartedId)
}

const references = new Set(['id', 'astNodeId', 'astNodeIds'])

function contentOf(envelope: Envelope): string {
  return JSON.stringify(envelope, (key, value: unknown) => (references.has(key) ? undefined : value))
}

/** Returns all ids in a value, in order. Equal content has its ids in the same order. */
function idsOf(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, inner]) =>
    key === 'id' && typeof inner === 'string' ? [inner] : idsOf(inner),
  )
}

/** Replaces ids. They are UUIDs, so no other text is mistaken for one. */
function rename(value: unknown, names: ReadonlyMap<string, string>): unknown {
  if (typeof value === 'string') return names.get(value) ?? value
  if (names.size === 0 || typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map((inner) => rename(inner, names))
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, rename(inner, names)]))
}

function timestampOf(at: Date): { seconds: number; nanos: number } {
  const ms = at.getTime()
  return { seconds: Math.floor(ms / 1000), nanos: (ms % 1000) * 1_000_000 }
}
