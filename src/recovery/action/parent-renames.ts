import { readFileSync } from 'node:fs'
import { program, readerModules } from '../../image/program.ts'
import { objectStream } from '../../shell/host-objects.ts'
import { programSucceeded, python } from '../../shell/python.ts'
import type { Shell, User } from '../../shell/shell.ts'
import { returningImages } from './returning-images.ts'

/** Another name for the parent of one image, in its header. Undone by swapping the names. */
export interface ParentRename {
  /** The image, an absolute path on the node. */
  readonly path: string
  readonly from: string
  /** Names that it may have instead: of two renames, one may have been undone. */
  readonly also?: readonly string[]
  readonly to: string
  /** The file that must be an image before the new name is written. Undefined if none need be. */
  readonly parent?: string
  /** The secret that opens the image. */
  readonly secretId?: string
}

export interface RenameOptions {
  /** The images' owner. */
  readonly user: User
  /** How many images are changed at the same time. */
  readonly concurrency: number
  /** Payloads of secrets, by id. They reach qemu-img in memory only. */
  readonly secrets?: ReadonlyMap<string, Uint8Array>
  /** True if every image is checked and none is changed. */
  readonly isDryRun?: boolean
  /** True if an image that cannot be renamed does not keep the others from it, as for undoing. */
  readonly isBestEffort?: boolean
  /** The node's program is stopped after so long without output. Default 60 000. */
  readonly stallMs?: number
  readonly signal?: AbortSignal
  /** Called after each image that is done. */
  readonly onProgress?: (done: number, all: number) => void
}

/**
 * The result for one image. `ready`: it can be renamed, and is not, because another was refused or failed, or because of a dry
 * run. With `isBestEffort`, `gone` (the image does not exist) and `changed` (its parent has another name) take the place of
 * `refused`.
 */
export interface RenameOutcome {
  readonly path: string
  readonly state: 'done' | 'already done' | 'ready' | 'refused' | 'failed' | 'gone' | 'changed'
  readonly why?: string
  /** The kind of the reason for a refusal, as far as it is known. */
  readonly kind?: RenameRefusalKind
}

/** What a remedy for a refusal depends on. */
export type RenameRefusalKind =
  | 'damaged'
  | 'marked'
  | 'feature'
  | 'qemu'
  | 'name'
  | 'room'
  | 'parent'
  | 'cycle'
  | 'secret'
  | 'read-only'
  | 'full'
  | 'owner'
  | 'immutable'
  | 'busy'
  | 'locks'
  | 'file'

const sourceOf = (name: string) => readFileSync(new URL(`./${name}.py`, import.meta.url), 'utf8')

const modules = {
  ...readerModules,
  rename_check: sourceOf('rename_check'),
  rename_trial: sourceOf('rename_trial'),
  rename_parents: sourceOf('rename_parents'),
}

/**
 * Renames the parents of images on a node by `qemu-img rebase -u -F qcow2`. All images are checked before the first is
 * changed. If one is refused, none is changed: its parent has another name than expected, the new name has no room, the
 * new parent does not exist, the image cannot be written. A dry run also tries `qemu-img` on a copy of each image's metadata.
 * If one fails, no other is begun. Interrupted, it can be run again: it skips what is done.
 *
 * @throws ShellError, CommandError if the node does not answer or cannot run it. Each image then has its old or new name.
 */
export async function renameParentNames(
  shell: Shell,
  renames: readonly ParentRename[],
  options: RenameOptions,
): Promise<readonly RenameOutcome[]> {
  if (renames.length === 0) return []
  const { secrets = new Map(), isDryRun = false, isBestEffort = false } = options
  const lacking = renames.flatMap(({ path, secretId }): RenameOutcome[] =>
    secretId === undefined || secrets.has(secretId)
      ? []
      : [{ path, state: 'refused', why: `its secret ${secretId} is missing (--secrets)`, kind: 'secret' }],
  )
  const returning = isBestEffort ? new Set() : returningImages(renames)
  const refused = [
    ...lacking,
    ...renames.flatMap(({ path }): RenameOutcome[] =>
      returning.has(path) ? [{ path, state: 'refused', why: 'its chain returns to it', kind: 'cycle' }] : [],
    ),
  ]
  const out = new Set(refused.map(({ path }) => path))
  const able = out.size === 0 ? renames : renames.filter(({ path }) => !out.has(path))
  if (refused.length > 0 && !isBestEffort && !isDryRun) return [...refused, ...able.map(notBegun)]
  const batches = Array.from({ length: Math.ceil(able.length / batchSize) }, (_, index) =>
    able.slice(index * batchSize, (index + 1) * batchSize),
  )
  let done = 0
  const onDone = () => options.onProgress?.(++done, able.length)
  const runAll = async (isDryRun: boolean) => {
    const outcomes: RenameOutcome[] = []
    for (const batch of batches) {
      const isOver = !isBestEffort && outcomes.some(({ state }) => state === 'failed')
      outcomes.push(...(isOver ? batch.map(notBegun) : await runBatch(shell, batch, { ...options, isDryRun }, onDone)))
    }
    return outcomes
  }
  if (isDryRun || (batches.length > 1 && !isBestEffort)) {
    const looked = await runAll(true)
    if (isDryRun || looked.some(({ state }) => state === 'refused')) return [...refused, ...looked]
    done = 0
  }
  return [...refused, ...(await runAll(false))]
}

const notBegun = ({ path }: ParentRename): RenameOutcome => ({ path, state: 'ready' })

/** How many images one program takes. A longer program would take too much memory on its node. */
const batchSize = 2000

async function runBatch(
  shell: Shell,
  renames: readonly ParentRename[],
  options: RenameOptions,
  onDone: () => void,
): Promise<readonly RenameOutcome[]> {
  const { user, concurrency, secrets = new Map(), isDryRun = false, isBestEffort = false, signal } = options
  const outcomes = new Map<string, RenameOutcome>()
  const lines = objectStream<RenameOutcome>(shell.where, { path: 'string', state: 'string' }, (outcome) => {
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
    isDryRun,
    isBestEffort,
  }
  const result = await shell.try(python, {
    stdin: program(modules, task),
    user,
    stallMs: options.stallMs ?? 60_000,
    deadlineMs: 24 * 3600_000,
    captureBytes: 4096,
    ...(signal !== undefined && { signal }),
    onOutput: (chunk, stream) => stream === 'stdout' && lines.add(chunk),
  })
  programSucceeded(result)
  return renames.map(({ path }) => outcomes.get(path) ?? { path, state: 'failed', why: 'the node returned no outcome' })
}

/**
 * The inverses of renames, in the order in which those were done: one for each image, from any name it got to the one that
 * it had before. The old parents need not exist, because on this site they never did.
 */
export function inverseRenames(renames: readonly ParentRename[]): readonly ParentRename[] {
  const inverses = new Map<string, ParentRename>()
  for (const { path, from, to, secretId } of renames) {
    const earlier = inverses.get(path)
    const names = earlier === undefined ? [] : [earlier.from, ...(earlier.also ?? []), earlier.to]
    const isNext = earlier !== undefined && names.includes(from)
    const also = isNext ? names.filter((name) => name !== to && name !== earlier.to) : []
    inverses.set(path, {
      path,
      from: to,
      ...(also.length > 0 && { also }),
      to: isNext ? earlier.to : from,
      ...(secretId !== undefined && { secretId }),
    })
  }
  return [...inverses.values()]
}
