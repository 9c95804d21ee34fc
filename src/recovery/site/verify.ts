import { compareByNames } from '../../image/qemu.ts'
import { type JobOutcome, runBatch } from '../../restore/batch.ts'
import type { Shell, User } from '../../shell/shell.ts'
import { allChains, type Chain, sampledChains } from './chains.ts'
import { type Fingerprints, fingerprintsOf } from './fingerprints.ts'
import type { ImageOnTarget } from './images.ts'
import type { Secrets } from './secrets.ts'
import { type Member, type Outcome, onMembers } from './team.ts'

export type Thoroughness = 'none' | 'sample' | 'all'

/** What came of reading chains on one node. */
export interface NodeVerdict {
  readonly state: 'pass' | 'fail' | 'unknown'
  /** How many chains read as what is there. */
  readonly read: number
  readonly why?: string
}

export interface VerifyOptions {
  readonly thoroughness: Exclude<Thoroughness, 'none'>
  readonly targets: readonly string[]
  readonly user: User
  readonly secrets?: Secrets | undefined
  /** Who has the images that are meant: a wrong share at its right path would be compared with itself. */
  readonly reference: Member
  /** Origin paths that a node is known not to have: its chains through them are not tried. */
  readonly lackedBy: (where: string) => ReadonlySet<string>
  readonly signal: AbortSignal
  readonly say: (where: string, line: string) => void
}

/**
 * Restores, without keeping what comes out: on every node, as the product's user and where its service runs, each chain is
 * read by the names in its images, and must hold what the tree holds under these names, to the last byte. Exit codes of a
 * mere reading say nothing: a wrong share at the right path reads well.
 */
export async function verify(
  members: readonly Member[],
  images: readonly ImageOnTarget[],
  options: VerifyOptions,
): Promise<readonly Outcome<NodeVerdict>[]> {
  const { thoroughness, reference } = options
  const chains = thoroughness === 'all' ? allChains(images, options) : sampledChains(images, options)
  const paths = [...new Set(chains.flatMap(({ links }) => links.map(({ path }) => path)))]
  const meant = new Meant(reference, paths, options)
  return await onMembers(members, (member) => verifyOn(member, chains, paths, meant, options), options.signal)
}

/** The files of the node that is the reference. */
class Meant {
  readonly where: string
  readonly #ask: () => Promise<Fingerprints>
  #first: Promise<Fingerprints> | undefined

  constructor({ where, shell }: Member, paths: readonly string[], options: VerifyOptions) {
    this.where = where
    this.#ask = () => fingerprintsOf(shell, paths, options)
  }

  /** Which of the files that a node sees are not those that are meant. Some may be written to in the meantime. */
  async otherThan(seen: Fingerprints): Promise<ReadonlySet<string>> {
    const differing = async (meant: Promise<Fingerprints>) => {
      const known = await meant
      return new Set([...seen].filter(([path, is]) => known.get(path) !== is).map(([path]) => path))
    }
    this.#first ??= this.#ask()
    const others = await differing(this.#first)
    return others.size === 0 ? others : others.intersection(await differing(this.#ask()))
  }
}

async function verifyOn(
  { where, shell, service }: Member,
  all: readonly Chain[],
  paths: readonly string[],
  meant: Meant,
  { user, lackedBy, say, signal }: VerifyOptions,
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
  const others = await meant.otherThan(await fingerprintsOf(inside, paths, { user, signal }))
  const jobs = known.map(({ links, secrets }, index) => ({ id: `${index}`, argv: compareByNames(links), secrets }))
  const progress = occasionally((done) => say(where, `${done} of ${jobs.length} chains read`))
  const outcomes = await runBatch(inside, jobs, { part: 'reading', user, stallMs: 60_000, signal, onDone: progress })
  const failed = known.flatMap(({ links }, index) => {
    const [top] = links
    const other = links.find(({ path }) => others.has(path))
    const why =
      other === undefined ? whyNotRead(outcomes.get(`${index}`)) : `${other.path} is another file on ${meant.where}`
    return why === undefined ? [] : [`${top?.path}: ${why}`]
  })
  const read = known.length - failed.length
  const [first, ...more] = failed
  if (first !== undefined)
    return { state: 'fail', read, why: more.length === 0 ? first : `${first} (and ${more.length} more)` }
  const [odd] = chains.filter(({ unknown }) => unknown !== undefined)
  if (odd !== undefined) return { state: 'unknown', read, why: `${odd.links[0]?.path}: ${odd.unknown}` }
  if (read === 0) return { state: 'unknown', read, why: 'there is no chain to read' }
  return { state: 'pass', read }
}

function whyNotRead(outcome: JobOutcome | undefined): string | undefined {
  const attempt = outcome?.attempt
  if (attempt?.ended === 'exited' && attempt.exitCode === 0) return undefined
  const why = attempt?.exitCode === 1 ? 'it reads as something else than what is there' : attempt?.stderr.trim()
  return why || attempt?.ended || 'it was not tried'
}

/** Of many calls, one now and then. */
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
