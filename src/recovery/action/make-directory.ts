import { readFileSync } from 'node:fs'
import { program } from '../../image/program.ts'
import { answerFunction, answerIn } from '../../shell/answers.ts'
import { noResult, objectsIn } from '../../shell/host-objects.ts'
import { programSucceeded, python } from '../../shell/python.ts'
import { quoteWord } from '../../shell/quote.ts'
import type { Shell } from '../../shell/shell.ts'
import type { ActionKind } from './action-kind.ts'
import { parentDirectories } from './paths.ts'
import { unless } from './script-lines.ts'
import { type RemoveDirectories, undoMounts } from './undo-mounts.ts'

/** Makes the directory of an origin path, with every level above it. */
export interface MakeDirectory {
  readonly kind: 'make-directory'
  readonly path: string
}

export interface BeforeDirectory {
  /** The topmost directory that did not exist. Undefined if all of them did. */
  readonly firstMissing?: string
}

export const makeDirectory: ActionKind<MakeDirectory, BeforeDirectory, RemoveDirectories> = {
  sentence: ({ path }) => `make the directory ${path}`,
  details: (action) => [`# ${commandOf(action)}`],
  script: (action) => {
    const path = quoteWord(action.path)
    const isPlain = `[ "$(realpath -m -- ${path})" = ${path} ]`
    const isFree = `{ [ -d ${path} ] || ! [ -e ${path} ]; }`
    return {
      checks: [
        unless(isPlain, `a symbolic link is on the way to ${path}`),
        unless(isFree, `${path} is not a directory`),
        `above=${path}; while ! [ -e "$above" ]; do above=\${above%/*}; done`,
        unless('[ -d "${above:-/}" ] && [ -w "${above:-/}" ]', '"$above is not a directory that can be written"'),
      ],
      changes: [commandOf(action)],
    }
  },
  parts: (action) => [action],
  check: checkDirectories,
  look: async (shell, { path }) => {
    const { link, firstMissing } = await lookFor(shell, path)
    if (link !== undefined) return { refusal: `${link} is a symbolic link` }
    return { before: firstMissing === undefined ? {} : { firstMissing } }
  },
  carryOut: async (shell, { path }) => {
    // The product's user must get through, whatever root's umask is. Synced, because a power cut could remove the
    // directory and leave the line in fstab that needs it. Where the share is bound already, root may not be allowed to
    // open it, and only the levels above belong to this node.
    await shell.run({
      script: 'umask 022; mkdir -p -- "$1"; if mountpoint -q -- "$1"; then shift; fi; sync -- "$@"',
      args: [path, ...parentDirectories(path)],
    })
    return undefined
  },
  wasDone: ({ firstMissing }) => firstMissing === undefined,
  inverse: ({ path }, { firstMissing }) => {
    if (firstMissing === undefined) return { kind: 'nothing' }
    const made = [...parentDirectories(path), path].filter(
      (one) => one === firstMissing || one.startsWith(`${firstMissing}/`),
    )
    return { kind: 'remove-directories', paths: made.reverse() }
  },
  undoSentence: ({ inverse }) =>
    inverse.kind === 'nothing' ? 'remove nothing' : `remove ${inverse.paths.join(', ')} if empty`,
  undoDetails: ({ inverse }) =>
    inverse.kind === 'nothing' ? [] : [`# rmdir -- ${inverse.paths.map(quoteWord).join(' ')}`],
  undo: undoMounts,
}

const commandOf = ({ path }: MakeDirectory): string => `mkdir -p -- ${quoteWord(path)}`

const source = readFileSync(new URL('./check_directories.py', import.meta.url), 'utf8')

async function checkDirectories(
  shell: Shell,
  actions: readonly MakeDirectory[],
): Promise<readonly (string | undefined)[]> {
  const stdin = program(
    { check_directories: source },
    actions.map(({ path }) => path),
  )
  const { stdout } = programSucceeded(await shell.try(python, { stdin, captureBytes: 2 ** 20 }))
  const outcomes = objectsIn<{ readonly why?: string }>(shell.where, stdout, { path: 'string' })
  if (outcomes.length !== actions.length) throw noResult(shell.where, stdout)
  return outcomes.map(({ why }) => why)
}

async function lookFor(
  shell: Shell,
  path: string,
): Promise<{ readonly firstMissing?: string; readonly link?: string }> {
  const script = `${answerFunction}
index=0
for path; do
  if [ -L "$path" ]; then answer link $index; break; fi
  if ! [ -e "$path" ]; then answer firstMissing $index; break; fi
  index=$((index + 1))
done
answer end yes`
  const paths = [...parentDirectories(path), path]
  const { stdout } = await shell.run({ script, args: paths })
  if (answerIn(stdout, 'end') === undefined) throw noResult(shell.where, stdout)
  const pathOf = (name: string): string | undefined => paths[Number(answerIn(stdout, name) ?? Number.NaN)]
  const [link, firstMissing] = [pathOf('link'), pathOf('firstMissing')]
  return { ...(link !== undefined && { link }), ...(firstMissing !== undefined && { firstMissing }) }
}
