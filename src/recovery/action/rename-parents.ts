import { DrillError } from '../../errors.ts'
import { quoteWord } from '../../shell/quote.ts'
import type { Shell, User } from '../../shell/shell.ts'
import { counted } from '../../text/plural.ts'
import type { ActionKind, Applied, NothingToUndo } from './action-kind.ts'
import { type ParentRename, type RenameOutcome, renameParentNames } from './parent-renames.ts'
import { renameScript } from './rename-script.ts'
import { undoRenames } from './undo-renames.ts'

/** Writes other names for their parents into images, which every node of the site then reads. */
export interface RenameParents {
  readonly kind: 'rename-parents'
  /** The images' owner. */
  readonly user: User
  /** Where the shares that hold the images are mounted: an image that is missing while its share is not was not removed. */
  readonly targets: readonly string[]
  readonly renames: readonly ParentRename[]
}

export interface RestoreNames {
  readonly kind: 'restore-names'
}

const defaultConcurrency = 4

export const renameParents: ActionKind<RenameParents, Record<string, never>, RestoreNames> = {
  sentence: ({ renames, user }) => `rewrite the parent names in ${images(renames.length)}, as ${user.uid}:${user.gid}`,
  details: ({ renames: [example] }) =>
    example === undefined
      ? []
      : [`e.g. ${example.path}`, `from ${example.from}`, `to   ${example.to}`, `# ${commandOf(example)}`],
  script: renameScript,
  parts: (action) => action.renames.map((rename) => ({ ...action, renames: [rename] })),
  check: async (shell, actions, { concurrency = defaultConcurrency, signal, secrets }) => {
    const reasons: (string | undefined)[] = []
    for (const { renames, user } of actions) {
      const options = { user, concurrency, ...(signal && { signal }), ...(secrets && { secrets }) }
      reasons.push(firstRefusal(await renameParentNames(shell, renames, { ...options, isDryRun: true })))
    }
    return reasons
  },
  // Carrying it out checks all images before it changes the first.
  look: async () => ({ before: {} }),
  carryOut: async (shell, { renames, user }, _, { concurrency = defaultConcurrency, onProgress, signal, secrets }) => {
    const options = { user, concurrency, ...(signal && { signal }), ...(secrets && { secrets }) }
    const outcomes = await renameParentNames(shell, renames, {
      ...options,
      onProgress: (done, all) => {
        if (done % 1000 === 0 || done === all) onProgress?.(`${done} of ${images(all)} rewritten`)
      },
    })
    const failed = outcomes.find(({ state }) => state === 'failed')
    if (failed !== undefined)
      throw new DrillError('failure', 'rename-failed', `${shell.where}: stopped at ${failed.path}: ${failed.why}`)
    return firstRefusal(outcomes)
  },
  wasDone: () => false,
  inverse: () => ({ kind: 'restore-names' }),
  undoSentence: ({ action }, { count = action.renames.length }) =>
    `restore the parent names that ${images(count)} had before`,
  undoDetails: ({ action: { renames } }: Applied<RenameParents, object, RestoreNames | NothingToUndo>) => {
    const [example] = renames
    return example === undefined ? [] : [`e.g. ${example.path}`, `from ${example.to}`, `to   ${example.from}`]
  },
  undo: (shell: Shell, applied, context) =>
    undoRenames(
      shell,
      applied.map(({ action }) => action),
      { concurrency: defaultConcurrency, ...context },
    ),
}

const images = (count: number): string => counted(count, 'image')

/** Why no image is renamed. Undefined if nothing prevents it. */
function firstRefusal(outcomes: readonly RenameOutcome[]): string | undefined {
  const [first, ...more] = outcomes.filter(({ state }) => state === 'refused' || state === 'failed')
  return first && `${first.path}: ${first.why ?? first.state}${more.length === 0 ? '' : ` (and ${more.length} more)`}`
}

/** For one image; a script has them all. */
function commandOf({ path, to, secretId }: ParentRename): string {
  const how = secretId === undefined ? '-f qcow2' : '--object secret,… --image-opts …'
  return `qemu-img rebase -q -u -F qcow2 -b ${quoteWord(to)} ${how} -- ${quoteWord(path)}`
}
