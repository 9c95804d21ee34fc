import { compareByNames } from '../../image/qemu.ts'
import { type JobOutcome, runBatch } from '../../restore/batch.ts'
import type { Shell, User } from '../../shell/shell.ts'
import type { ImageOnTarget } from '../images/find-images.ts'
import type { Secrets } from '../images/secrets.ts'
import { allChains, type ChainToRead, sampledChains } from './chains.ts'
import { type HostResult, onEachNode } from './each-node.ts'
import { type Fingerprints, fingerprintsOf } from './fingerprints.ts'
import type { SiteNode } from './site-hosts.ts'

export type Thoroughness = 'none' | 'sample' | 'all'

/** What reading chains on one node showed. */
export interface NodeVerdict {
  readonly state: 'pass' | 'fail' | 'unknown'
  /** How many chains were read and hold what is on the target. */
  readonly read: number
  readonly why?: string
}

export interface VerifyOptions {
  readonly thoroughness: Exclude<Thoroughness, 'none'>
  readonly targets: readonly string[]
  readonly user: User
  readonly secrets?: Secrets | undefined
  /** The node with the right images: a wrong share at its right path would be compared with itself. */
  readonly reference: SiteNode
  /** Origin paths that a node does not have: chains through them are not read there. */
  readonly lackedBy: (where: string) => ReadonlySet<string>
  readonly signal: AbortSignal
  readonly report: (where: string, line: string) => void
}

/**
 * Restores on every node without keeping the output: as the product's user and where its service runs, each chain is read by
 * the names in its images, and must hold what the target holds under these names, to the last byte. That a chain can be read
 * proves nothing, because a wrong share at the right path can be read as well.
 */
export async function verify(
  nodes: readonly SiteNode[],
  images: readonly ImageOnTarget[],
  options: VerifyOptions,
): Promise<readonly HostResult<NodeVerdict>[]> {
  const { thoroughness, reference } = options
  const chains = thoroughness === 'all' ? allChains(images, options) : sampledChains(images, options)
  const paths = [...new Set(chains.flatMap(({ links }) => links.map(({ path }) => path)))]
  const right = new RightFiles(reference, paths, options)
  return await onEachNode(nodes, (node) => verifyOn(node, chains, paths, right, options), options.signal)
}

/** The files of the reference node. */
class RightFiles {
  readonly where: string
  readonly #ask: () => Promise<Fingerprints>
  #first: Promise<Fingerprints> | undefined

  constructor({ where, shell }: SiteNode, paths: readonly string[], options: VerifyOptions) {
    this.where = where
    this.#ask = () => fingerprintsOf(shell, paths, options)
  }

  /** The files of a node that are not the right ones. Read twice, because some may be written in the meantime. */
  async otherThan(seen: Fingerprints): Promise<ReadonlySet<string>> {
    const differing = async (right: Promise<Fingerprints>) => {
      const known = await right
      return new Set([...seen].filter(([path, is]) => known.get(path) !== is).map(([path]) => path))
    }
    this.#first ??= this.#ask()
    const others = await differing(this.#first)
    return others.size === 0 ? others : others.intersection(await differing(this.#ask()))
  }
}

async function verifyOn(
  { where, shell, service }: SiteNode,
  all: readonly ChainToRead[],
  paths: readonly string[],
  right: RightFiles,
  { user, targets, lackedBy, report, signal }: VerifyOptions,
): Promise<NodeVerdict> {
  let inside: Shell
  try {
    inside = (await service?.()) ?? shell
  } catch (error) {
    return { state: 'unknown', read: 0, why: (error as Error).message }
  }
  const lacked = lackedBy(where)
  const chains = all.filter(({ origins }) => origins.isDisjointFrom(lacked))
  const known = chains.filter(({ unknown }) => unknown === undefined)
  const others = await right.otherThan(await fingerprintsOf(inside, paths, { user, signal }))
  const jobs = known.map(({ links, origins, secrets }, index) => {
    const chain = { image: links[0]?.path ?? '', roots: targets, suggestedRoots: [...origins] }
    return { id: `${index}`, argv: compareByNames(links), chain, secrets }
  })
  const progress = occasionally((done) => report(where, `${done} of ${jobs.length} chains read`))
  const outcomes = await runBatch(inside, jobs, { part: 'reading', user, stallMs: 60_000, signal, onDone: progress })
  const failed = known.flatMap(({ links }, index) => {
    const [top] = links
    const other = links.find(({ path }) => others.has(path))
    const why =
      other === undefined ? whyNotRead(outcomes.get(`${index}`)) : `${other.path} is another file on ${right.where}`
    return why === undefined ? [] : [`${top?.path}: ${why}`]
  })
  const refused = [...outcomes.values()].flatMap(({ attempt }) => attempt.refusal?.sentence ?? [])
  for (const sentence of new Set(refused)) report(where, `not opened: ${sentence}`)
  const read = known.length - failed.length
  const [first, ...more] = failed
  if (first !== undefined)
    return { state: 'fail', read, why: more.length === 0 ? first : `${first} (and ${more.length} more)` }
  const [odd] = chains.filter(({ unknown }) => unknown !== undefined)
  if (odd !== undefined) return { state: 'unknown', read, why: `${odd.links[0]?.path}: ${odd.unknown}` }
  if (read === 0) return { state: 'unknown', read, why: 'no chain to read' }
  return { state: 'pass', read }
}

function whyNotRead(outcome: JobOutcome | undefined): string | undefined {
  const attempt = outcome?.attempt
  if (attempt?.refusal !== undefined) return `${attempt.refusal.sentence}. It was not opened`
  if (attempt?.ended === 'exited' && attempt.exitCode === 0) return undefined
  const why = attempt?.exitCode === 1 ? 'its content differs from what the target holds' : attempt?.stderr.trim()
  return why || attempt?.ended || 'it was not read'
}

/** Passes on one of many calls now and then. */
function occasionally(act: (count: number) => void): () => void {
  const everyMs = 10_000
  let [count, lastMs] = [0, performance.now()]
  return () => {
    count++
    if (performance.now() - lastMs < everyMs) return
    lastMs = performance.now()
    act(count)
  }
}
