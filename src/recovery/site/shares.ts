import { readFileSync } from 'node:fs'
import { program } from '../../image/program.ts'
import { python } from '../../shell/python.ts'
import { type Shell, succeeded, type User } from '../../shell/shell.ts'
import { type Fingerprints, fingerprintsOf } from './fingerprints.ts'
import { type Member, onMembers } from './team.ts'

export interface CompareOptions {
  /** The product's; default: root. */
  readonly user?: User
  /** The node that is taken to have what is meant, as long as not most others have something else. */
  readonly reference?: string
  readonly signal: AbortSignal
}

/** By node. */
type OddShares = ReadonlyMap<string, OddShare>

/** What a node has at a target's path that is not what the others have there, or why that is not known. */
export type OddShare = { readonly state: 'wrong' | 'unknown'; readonly why: string }

/**
 * Holds what nodes have mounted for a target against each other, where the product's service runs: a wrong share at the
 * right path leads to files as well. Told apart by a few files; where most nodes have others than one, it is that one.
 * @param members those that have something mounted there
 * @returns by node, those that have not what is meant
 */
export async function compareShares(
  members: readonly Member[],
  target: string,
  options: CompareOptions,
): Promise<OddShares> {
  if (members.length < 2) return new Map()
  const [first, ...others] = members.toSorted((one, other) => rank(one, options) - rank(other, options))
  if (first === undefined) return new Map()
  const odd = await oddBeside(first, others, target, options)
  const other = others.find(({ where }) => odd.get(where)?.state === 'wrong')
  if (other === undefined || countWrong(odd) * 2 <= members.length) return odd
  const beside = members.filter((member) => member !== other)
  const again = await oddBeside(other, beside, target, options)
  return countWrong(again) < countWrong(odd) ? again : odd
}

const countWrong = (odd: OddShares): number => [...odd.values()].filter(({ state }) => state === 'wrong').length

const rank = ({ where }: Member, { reference }: CompareOptions): number => (where === reference ? 0 : 1)

async function oddBeside(
  reference: Member,
  others: readonly Member[],
  target: string,
  options: CompareOptions,
): Promise<OddShares> {
  let [known, paths, meant]: [Shell, readonly string[], Fingerprints] = [reference.shell, [], new Map()]
  try {
    known = await insideOf(reference)
    paths = await landmarksOf(known, target, options)
    meant = await fingerprintsOf(known, paths, options)
    if (paths.length > 0 && meant.size === 0) throw new Error(`none of its files can be read, e.g. ${paths[0]}`)
  } catch (error) {
    options.signal.throwIfAborted()
    const unknown: OddShare = { state: 'unknown', why: (error as Error).message }
    return new Map([[reference.where, unknown], ...(await compareShares(others, target, options))])
  }
  const outcomes = await onMembers(
    others,
    async (member) => {
      const inside = await insideOf(member)
      // A backup may write its records in between: only what differs twice is another file.
      const differing = async (is?: Fingerprints) => {
        const seen = await fingerprintsOf(inside, paths, options)
        const right = is ?? (await fingerprintsOf(known, paths, options))
        return new Set(paths.filter((path) => right.get(path) !== seen.get(path)))
      }
      const once = await differing(meant)
      const [path] = once.size === 0 ? [] : once.intersection(await differing())
      if (path !== undefined) return path
      // Of a share without any files, not even that is known.
      return paths.length === 0 ? (await landmarksOf(inside, target, options))[0] : undefined
    },
    options.signal,
  )
  return new Map(
    outcomes.flatMap(({ where, value, error }): [string, OddShare][] => {
      if (error !== undefined) return [[where, { state: 'unknown', why: error.message }]]
      if (value === undefined) return []
      return [[where, { state: 'wrong', why: `what is there is not what ${reference.where} has there: ${value}` }]]
    }),
  )
}

async function insideOf({ shell, service }: Member): Promise<Shell> {
  return (await service?.()) ?? shell
}

const source = readFileSync(new URL('./landmarks.py', import.meta.url), 'utf8')

/** @throws ShellError, CommandError when the node cannot be asked, or its share cannot be read */
async function landmarksOf(shell: Shell, target: string, { user, signal }: CompareOptions): Promise<readonly string[]> {
  const { stdout } = succeeded(
    await shell.try(python, {
      stdin: program({ landmarks: source }, target),
      ...(user && { user }),
      deadlineMs: 600_000,
      captureBytes: 64 * 2 ** 20,
      signal,
    }),
  )
  const lines = stdout.split('\n').filter((line) => line !== '')
  return lines.map((line) => (JSON.parse(line) as { readonly path: string }).path)
}
