import type { Envelope } from './envelope.ts'

/** What Cucumber says at the beginning of each of its runs, before the first scenario. */
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
/** Those of every run are the same but for times and processes. */
const onceOnly = new Set(['meta', 'testRunStarted'])

/** What one worker's envelopes have said so far. */
interface Source {
  /** What things are called here, by what this worker calls them. */
  readonly names: Map<string, string>
  /** How often this run of Cucumber has declared the same. */
  readonly counts: Map<string, number>
  /** The steps of test cases, in their order. */
  readonly steps: Map<string, readonly string[]>
  /** Test cases that have started and not finished, each with the steps that have not finished either. */
  readonly open: Map<string, readonly string[]>
}

/**
 * Makes one run of Cucumber's out of many, each of which declares everything anew and under other ids: what is
 * declared again is dropped, and what refers to it is made to refer to the first.
 */
export class MergedEnvelopes {
  readonly #declared = new Map<string, readonly string[]>()
  readonly #sources = new Map<number, Source>()
  #run: string | undefined
  #success = true

  /** The envelope as it stands in the merged run; undefined when it is there already, or will be at the end. */
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

  /** What ends the scenario that a worker was at when it was lost. */
  lose(worker: number, why: string, at: Date): readonly Envelope[] {
    const { open } = this.#source(worker)
    const timestamp = timestampOf(at)
    const ends = [...open].flatMap(([testCaseStartedId, steps]): readonly object[] => {
      // Reports tell the worst of a scenario's steps, and take `UNKNOWN` for better than `PASSED`.
      const testStepResult = { status: 'FAILED', message: why, duration: { seconds: 0, nanos: 0 } }
      const step = { testStepFinished: { testCaseStartedId, testStepId: steps[0], testStepResult, timestamp } }
      const end = { testCaseFinished: { testCaseStartedId, timestamp, willBeRetried: false } }
      return steps.length === 0 ? [end] : [step, end]
    })
    if (open.size > 0) this.#success = false
    open.clear()
    // The status is an enum of a package that is not ours to import.
    return ends as readonly Envelope[]
  }

  /** What ends the merged run; undefined when none has begun. */
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

  /** False when it was declared before: from now on its ids stand for those of then. */
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

/** All ids that it gives, in the order in which they stand in it: the same for the same content. */
function idsOf(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, inner]) =>
    key === 'id' && typeof inner === 'string' ? [inner] : idsOf(inner),
  )
}

/** Ids are UUIDs: no other text is mistaken for one. */
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
