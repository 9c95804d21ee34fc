import { readFileSync } from 'node:fs'
import { program } from '../../image/program.ts'
import { objectsIn } from '../../shell/host-objects.ts'
import { programSucceeded, python } from '../../shell/python.ts'
import type { Shell, User } from '../../shell/shell.ts'
import { onEachNode } from './each-node.ts'
import { compareFiles, type Fingerprints, fingerprintsOf } from './fingerprints.ts'
import type { SiteNode } from './site-hosts.ts'

export interface CompareOptions {
  /** The product's user. Root by default. */
  readonly user?: User
  /** The node that is assumed to have the right share, unless most others have another one. */
  readonly reference?: string
  /** Further files to compare. */
  readonly files: readonly string[]
  readonly signal: AbortSignal
}

/** By node. */
type OddShares = ReadonlyMap<string, OddShare>

/** A node has another share at a target's path than the other nodes, or it is unknown which one it has. */
export type OddShare = { readonly state: 'wrong' | 'unknown'; readonly why: string }

/**
 * Compares what nodes have mounted for a target where the product's service runs, because a wrong share at the right path
 * leads to files as well. A few files distinguish shares. If most nodes differ from one, that one is odd.
 * @param nodes the nodes that have something mounted there
 * @returns the odd nodes
 */
export async function compareShares(
  nodes: readonly SiteNode[],
  target: string,
  options: CompareOptions,
): Promise<OddShares> {
  if (nodes.length < 2) return new Map()
  const [first, ...others] = nodes.toSorted((one, other) => rank(one, options) - rank(other, options))
  if (first === undefined) return new Map()
  const odd = await oddBeside(first, others, target, options)
  const other = others.find(({ where }) => odd.get(where)?.state === 'wrong')
  if (other === undefined || countWrong(odd) * 2 <= nodes.length) return odd
  const beside = nodes.filter((node) => node !== other)
  const again = await oddBeside(other, beside, target, options)
  return countWrong(again) < countWrong(odd) ? again : odd
}

const countWrong = (odd: OddShares): number => [...odd.values()].filter(({ state }) => state === 'wrong').length

const rank = ({ where }: SiteNode, { reference }: CompareOptions): number => (where === reference ? 0 : 1)

async function oddBeside(
  reference: SiteNode,
  others: readonly SiteNode[],
  target: string,
  options: CompareOptions,
): Promise<OddShares> {
  let [known, paths, right]: [Shell, readonly string[], Fingerprints] = [
    reference.shell,
    [],
    { files: new Map(), errors: new Map() },
  ]
  try {
    known = await insideOf(reference)
    paths = [...new Set([...(await landmarksOf(known, target, options)), ...options.files])]
    right = await fingerprintsOf(known, paths, options)
    const [unread] = right.errors
    if (paths.length > 0 && right.files.size === 0)
      throw new Error(`its files cannot be read, e.g. ${unread?.join(': ') ?? paths[0]}`)
  } catch (error) {
    options.signal.throwIfAborted()
    const unknown: OddShare = { state: 'unknown', why: (error as Error).message }
    return new Map([[reference.where, unknown], ...(await compareShares(others, target, options))])
  }
  const outcomes = await onEachNode(
    others,
    async (node) => {
      const inside = await insideOf(node)
      // A backup may write its records in between: only a file that differs twice is another one.
      const compare = async (is?: Fingerprints) => {
        const seen = await fingerprintsOf(inside, paths, options)
        return compareFiles(paths, is ?? (await fingerprintsOf(known, paths, options)), seen)
      }
      const { differing, same, unread } = await compare(right)
      const [path] = differing.size === 0 ? [] : differing.intersection((await compare()).differing)
      if (path !== undefined) return path
      const [error] = unread
      if (error !== undefined && same === 0) throw new Error(`its files cannot be read, e.g. ${error.join(': ')}`)
      // A share without files has none to compare.
      return paths.length === 0 ? (await landmarksOf(inside, target, options))[0] : undefined
    },
    options.signal,
  )
  return new Map(
    outcomes.flatMap(({ where, value, error }): [string, OddShare][] => {
      if (error !== undefined) return [[where, { state: 'unknown', why: error.message }]]
      if (value === undefined) return []
      return [[where, { state: 'wrong', why: `it is not the share that ${reference.where} has: ${value} differs` }]]
    }),
  )
}

async function insideOf({ shell, service }: SiteNode): Promise<Shell> {
  return (await service?.()) ?? shell
}

const source = readFileSync(new URL('./landmarks.py', import.meta.url), 'utf8')

/** @throws ShellError, CommandError if the node does not answer; Error if nothing of its share can be read */
async function landmarksOf(shell: Shell, target: string, { user, signal }: CompareOptions): Promise<readonly string[]> {
  const { stdout } = programSucceeded(
    await shell.try(python, {
      stdin: program({ landmarks: source }, target),
      ...(user && { user }),
      deadlineMs: 600_000,
      captureBytes: 64 * 2 ** 20,
      maxOutputBytes: 64 * 2 ** 20,
      signal,
    }),
  )
  type Landmark = { readonly path: string; readonly error?: string }
  const found = objectsIn<Landmark>(shell.where, stdout, { path: 'string' })
  const paths = found.flatMap(({ path, error }) => (error === undefined ? [path] : []))
  const [first] = found
  if (paths.length === 0 && first !== undefined) throw new Error(`${first.path}: ${first.error}`)
  return paths
}
