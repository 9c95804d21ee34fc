import { DrillError } from '../../errors.ts'
import { quoteWord } from '../../shell/quote.ts'
import type { Shell, User } from '../../shell/shell.ts'
import { counted } from '../../text/plural.ts'
import type { ActionKind, Applied, NothingToUndo } from './action-kind.ts'
import { type ParentRename, renameParentNames } from './parent-renames.ts'
import { commented } from './script-lines.ts'
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
  script: ({ user, renames }) => [
    'rename() {',
    '  if ! [ -f "$1" ] || ! [ -f "$2" ]; then echo "$1 or $2 does not exist" >&2; exit 1; fi',
    `  setpriv --reuid ${user.uid} --regid ${user.gid} --clear-groups qemu-img rebase -u -f qcow2 -F qcow2 -b "$3" "$1"`,
    '}',
    ...renames.flatMap(({ path, from, to, parent, secretId }) =>
      secretId === undefined
        ? [`rename ${[path, parent ?? to, to].map(quoteWord).join(' ')} # ${commented(from)}`]
        : [`echo ${quoteWord(commented(`${path} is encrypted: use dr-drill recover --secrets`))} >&2`, 'exit 1'],
    ),
  ],
  parts: (action) => action.renames.map((rename) => ({ ...action, renames: [rename] })),
  // Carrying it out checks all images before it changes the first.
  look: async () => ({ before: {} }),
  carryOut: async (shell, { renames, user }, _, { concurrency = defaultConcurrency, onProgress, signal, secrets }) => {
    const outcomes = await renameParentNames(shell, renames, {
      user,
      concurrency,
      ...(signal && { signal }),
      ...(secrets && { secrets }),
      onProgress: (done, all) => {
        if (done % 1000 === 0 || done === all) onProgress?.(`${done} of ${images(all)} rewritten`)
      },
    })
    const failed = outcomes.find(({ state }) => state === 'failed')
    if (failed !== undefined)
      throw new DrillError('failure', 'rename-failed', `${shell.where}: ${failed.path} was not renamed: ${failed.why}`)
    const [first, ...more] = outcomes.filter(({ state }) => state === 'refused')
    return first && `${first.path}: ${first.why}${more.length === 0 ? '' : ` (and ${more.length} more)`}`
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

/** For one image; a script has them all. */
function commandOf({ path, to, secretId }: ParentRename): string {
  const how = secretId === undefined ? '-f qcow2' : '--object secret,… --image-opts …'
  return `qemu-img rebase -q -u -F qcow2 -b ${quoteWord(to)} ${how} -- ${quoteWord(path)}`
}
