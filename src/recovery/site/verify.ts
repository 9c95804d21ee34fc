import { compareByNames } from '../../image/qemu.ts'
import { type JobOutcome, runBatch } from '../../restore/batch.ts'
import type { Shell, User } from '../../shell/shell.ts'
import { counted } from '../../text/plural.ts'
import type { ImageOnTarget } from '../images/find-images.ts'
import type { Secrets } from '../images/secrets.ts'
import { allChains, type ChainDoubt, type ChainToRead, sampledChains } from './chains.ts'
import { type HostResult, onEachNode } from './each-node.ts'
import { compareFiles, type FileComparison, type Fingerprints, fingerprintsOf } from './fingerprints.ts'
import type { SiteNode } from './site-hosts.ts'

export type Thoroughness = 'none' | 'sample' | 'all'

/** What reading chains on one node showed. */
export interface NodeVerdict {
  readonly state: 'pass' | 'fail' | 'unknown'
  /** How many chains were read and hold what is on the target. */
  readonly read: number
  readonly why?: string
  /** How many chains could not be judged, by the kind of reason. */
  readonly doubts?: Readonly<Partial<Record<DoubtKind, number>>>
}

/**
 * `not tried`: a chain before it did not answer, or the program that opens it could not be started. `not compared`: it can be
 * read, but not where the images were listed.
 */
type DoubtKind = ChainDoubt['kind'] | 'not tried' | 'not compared'

/** A chain that could not be judged, or cannot be restored. */
interface ChainFinding {
  readonly path: string
  readonly sentence: string
  /** Undefined if it cannot be restored. */
  readonly kind?: DoubtKind
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
  readonly #paths: readonly string[]
  readonly #ask: () => Promise<Fingerprints>
  #first: Promise<Fingerprints> | undefined

  constructor({ where, shell }: SiteNode, paths: readonly string[], options: VerifyOptions) {
    this.where = where
    this.#paths = paths
    this.#ask = () => fingerprintsOf(shell, paths, options)
  }

  /** Compares the files of a node with the right ones. Twice, because some may be written in the meantime. */
  async compare(seen: Fingerprints): Promise<Pick<FileComparison, 'differing' | 'unread'>> {
    const there = this.#paths.filter((path) => seen.files.has(path))
    this.#first ??= this.#ask()
    const { differing, unread } = compareFiles(there, await this.#first, seen)
    if (differing.size === 0) return { differing, unread }
    const again = compareFiles(there, await this.#ask(), seen)
    return { differing: differing.intersection(again.differing), unread }
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
  const known = chains.filter(({ doubt }) => doubt === undefined)
  const { differing, unread } = await right.compare(await fingerprintsOf(inside, paths, { user, signal }))
  const jobs = known.map(({ links, origins, secrets }, index) => {
    const chain = { image: links[0]?.path ?? '', roots: targets, suggestedRoots: [...origins] }
    return { id: `${index}`, argv: compareByNames(links), chain, secrets }
  })
  const progress = occasionally((done) => report(where, `${done} of ${counted(jobs.length, 'chain')} read`))
  const outcomes = await runBatch(inside, jobs, { part: 'reading', user, stallMs: 60_000, signal, onDone: progress })
  const findings = known.flatMap(({ links }, index): ChainFinding[] => {
    const path = links[0]?.path ?? ''
    const other = links.find((link) => differing.has(link.path))
    if (other !== undefined) return [{ path, sentence: `${other.path} is another file on ${right.where}` }]
    const why = whyNotRead(outcomes.get(`${index}`))
    if (why !== undefined) return [{ path, ...why }]
    const closed = links.find((link) => unread.has(link.path))
    if (closed === undefined) return []
    const sentence = `${right.where} cannot read ${closed.path}: ${unread.get(closed.path)}`
    return [{ path, kind: 'not compared', sentence }]
  })
  const refused = [...outcomes.values()].flatMap(({ attempt }) => attempt.refusal?.sentence ?? [])
  for (const sentence of new Set(refused)) report(where, `not opened: ${sentence}`)
  const doubted = chains.flatMap(({ links, doubt }): ChainFinding[] => {
    if (doubt === undefined) return []
    const { kind, sentence } = doubt
    return [{ path: links[0]?.path ?? '', sentence, ...(kind !== 'cycle' && { kind }) }]
  })
  return verdictOf(known.length - findings.length, [...findings, ...doubted])
}

/** A chain that cannot be restored outranks those of which that is unknown, and does not hide them. */
function verdictOf(read: number, findings: readonly ChainFinding[]): NodeVerdict {
  const byKind = Map.groupBy(findings, ({ kind }) => kind)
  const failed = byKind.get(undefined) ?? []
  byKind.delete(undefined)
  const groups = [failed, ...byKind.values()].flatMap((group) => groupText(group) ?? [])
  const doubts = Object.fromEntries([...byKind].map(([kind, group]) => [kind, group.length]))
  const state = failed.length > 0 ? 'fail' : byKind.size > 0 || read === 0 ? 'unknown' : 'pass'
  const why = state === 'unknown' && groups.length === 0 ? 'no chain to read' : groups.join('; ')
  return { state, read, ...(why !== '' && { why }), ...(byKind.size > 0 && { doubts }) }
}

/** The first of a group, and how many more there are. */
function groupText([first, ...more]: readonly ChainFinding[]): string | undefined {
  if (first === undefined) return undefined
  const text = `${first.path}: ${first.sentence}`
  return more.length === 0 ? text : `${text} (and ${more.length} more)`
}

/** Undefined for a chain that was read to its end, and holds what the target holds. */
function whyNotRead(outcome: JobOutcome | undefined): Omit<ChainFinding, 'path'> | undefined {
  const attempt = outcome?.attempt
  if (attempt === undefined) return { kind: 'not tried', sentence: 'it was not read' }
  if (attempt.refusal !== undefined) return { sentence: `${attempt.refusal.sentence}. It was not opened` }
  if (attempt.ended === 'not tried') return { kind: 'not tried', sentence: 'it was not read, because another stalled' }
  if (attempt.ended === 'stalled') return { sentence: 'reading it made no progress, and was stopped' }
  if (attempt.exitCode === 0) return undefined
  if (attempt.exitCode === notStarted) return { kind: 'not tried', sentence: attempt.stderr.trim() }
  if (attempt.exitCode === 1) return { sentence: 'its content differs from what the target holds' }
  return { sentence: attempt.stderr.trim() || 'it was not read' }
}

/** The exit code of a command that could not be started, as in a shell. */
const notStarted = 126

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
