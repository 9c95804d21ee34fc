import { readFileSync } from 'node:fs'
import { program } from '../../image/program.ts'
import { LineSplitter } from '../../shell/line-splitter.ts'
import { python } from '../../shell/python.ts'
import { type Shell, succeeded, type User } from '../../shell/shell.ts'
import type { Rename } from './renames.ts'

export interface RebaseOptions {
  /** The images' owner. */
  readonly user: User
  /** How many at once. */
  readonly concurrency: number
  /** The payloads of secrets, by id. They are handed to qemu-img in memory. */
  readonly secrets?: ReadonlyMap<string, Uint8Array>
  /** Look at every image, and change none. */
  readonly isOnlyChecked?: boolean
  /** What cannot be done does not keep the others from it: for taking back. */
  readonly isEach?: boolean
  /** Nothing done for so long, and it is stopped. Default 60 000. */
  readonly stallMs?: number
  readonly signal?: AbortSignal
  /** Called after each image that was done. */
  readonly onProgress?: (done: number, all: number) => void
}

/**
 * What came of one image. `ready`: it could be done, and was not: another was refused, or it was only a check. With
 * `isEach`, `gone` and `changed` are what is refused otherwise: it is not there, or its parent has another name.
 */
export interface RebaseOutcome {
  readonly path: string
  readonly state: 'done' | 'ready' | 'refused' | 'failed' | 'gone' | 'changed'
  readonly why?: string
}

const source = readFileSync(new URL('./rebase.py', import.meta.url), 'utf8')

/**
 * Renames the parents of images on a node, `qemu-img rebase -u -F qcow2` each. All of them are looked at before the
 * first is changed, and none is if one of them cannot be: another parent's name than expected, no room for the new one,
 * no such parent, not to be written. What is done already is left as it is: what was interrupted is carried out again.
 *
 * @throws ShellError, CommandError when the node stops or the program cannot run; each image is old or new then
 */
export async function rebase(
  shell: Shell,
  renames: readonly Rename[],
  options: RebaseOptions,
): Promise<readonly RebaseOutcome[]> {
  if (renames.length === 0) return []
  const { secrets = new Map(), isOnlyChecked = false, isEach = false } = options
  const lacking = renames.flatMap(({ path, secretId }): RebaseOutcome[] =>
    secretId === undefined || secrets.has(secretId)
      ? []
      : [{ path, state: 'refused', why: `the secret ${secretId} is not at hand` }],
  )
  const able = lacking.length === 0 ? renames : renames.filter(({ secretId }) => !secretId || secrets.has(secretId))
  if (lacking.length > 0 && !isEach) return [...lacking, ...able.map(({ path }) => ({ path, state: 'ready' }) as const)]
  const batches = Array.from({ length: Math.ceil(able.length / batchSize) }, (_, index) =>
    able.slice(index * batchSize, (index + 1) * batchSize),
  )
  const outcomes: RebaseOutcome[] = []
  const runAll = async (isOnlyChecked: boolean) => {
    outcomes.length = 0
    for (const batch of batches)
      outcomes.push(...(await runBatch(shell, batch, { ...options, isOnlyChecked }, progress)))
  }
  let done = 0
  const progress = () => options.onProgress?.(++done, able.length)
  if (isOnlyChecked || (batches.length > 1 && !isEach)) await runAll(true)
  if (isOnlyChecked || outcomes.some(({ state }) => state === 'refused')) return outcomes
  done = 0
  await runAll(false)
  return [...lacking, ...outcomes]
}

/** What goes into one program: a longer one would take its node's memory. */
const batchSize = 2000

async function runBatch(
  shell: Shell,
  renames: readonly Rename[],
  {
    user,
    concurrency,
    secrets = new Map(),
    isOnlyChecked = false,
    isEach = false,
    stallMs = 60_000,
    signal,
  }: RebaseOptions,
  onDone: () => void,
): Promise<readonly RebaseOutcome[]> {
  const outcomes = new Map<string, RebaseOutcome>()
  const lines = new LineSplitter((line) => {
    const outcome = JSON.parse(line) as RebaseOutcome
    outcomes.set(outcome.path, outcome)
    if (outcome.state === 'done') onDone()
  })
  const task = {
    renames: renames.map(({ secretId, ...rename }) => ({
      ...rename,
      ...(secretId !== undefined && { secret: secretId }),
    })),
    secrets: Object.fromEntries([...secrets].map(([id, payload]) => [id, Buffer.from(payload).toString('base64')])),
    concurrency,
    isOnlyChecked,
    isEach,
  }
  const result = await shell.try(python, {
    stdin: program({ rebase: source }, task),
    user,
    stallMs,
    deadlineMs: 24 * 3600_000,
    captureBytes: 4096,
    ...(signal !== undefined && { signal }),
    onOutput: (chunk, stream) => stream === 'stdout' && lines.add(chunk),
  })
  succeeded(result)
  return renames.map(({ path }) => outcomes.get(path) ?? { path, state: 'failed', why: 'nothing was said of it' })
}
