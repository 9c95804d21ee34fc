import type { JournalEntry, RestoreRecord } from '../../../src/journal/journal.ts'
import { readEvidence } from './restore-evidence.ts'

export type LinkState = 'good' | 'bad' | 'not seen'

/** One image of a chain, as one restore read it. */
export interface ChainLink {
  readonly path: string
  readonly snapshot?: number
  readonly state: LinkState
  /** Why it is bad, in a word or a sentence. */
  readonly why?: string
}

/** One restore through its chain: the restored image first, the full one last. */
export interface RestoredChain {
  readonly seq: number
  readonly restore: RestoreRecord
  readonly links: readonly ChainLink[]
}

/** All restores of a disk. */
export interface DiskChains {
  readonly disk: string
  readonly restores: readonly RestoredChain[]
}

/** Returns the chains that a drill restored, by disk. */
export function chainsOf(entries: readonly JournalEntry[]): readonly DiskChains[] {
  const snapshots = new Map<string, number>()
  const byDisk = new Map<string, RestoredChain[]>()
  for (const entry of entries) {
    if (entry.kind === 'backup') snapshots.set(entry.image.path, entry.image.snapshot)
    if (entry.kind !== 'restore') continue
    const { image } = entry.restore
    snapshots.set(image.path, image.snapshot)
    const disk = `${image.workload}, ${image.vm}, ${image.disk}`
    const chain = { seq: entry.seq, restore: entry.restore, links: linksOf(entry.restore, entry.evidence, snapshots) }
    const known = byDisk.get(disk)
    if (known === undefined) byDisk.set(disk, [chain])
    else known.push(chain)
  }
  return [...byDisk].map(([disk, restores]) => ({ disk, restores }))
}

function linksOf(
  restore: RestoreRecord,
  evidence: unknown,
  snapshots: ReadonlyMap<string, number>,
): readonly ChainLink[] {
  const { image, outcome, digest, reason } = restore
  const isWrong = outcome === 'restored' && digest !== image.digest
  const seen = readEvidence(evidence).links
  const isNamedHere = image.chain.some((path) => reason?.path?.endsWith(path) === true)
  let isBroken = false
  return image.chain.map((path, index): ChainLink => {
    const snapshot = snapshots.get(path)
    const link = { path, ...(snapshot === undefined ? {} : { snapshot }) }
    // A content that is wrong as a whole does not show which image it comes from.
    if (isWrong) return index === 0 ? { ...link, state: 'bad', why: 'wrong content' } : { ...link, state: 'not seen' }
    if (outcome === 'restored') return { ...link, state: 'good' }
    if (isBroken) return { ...link, state: 'not seen' }
    const found = seen.find((one) => one.path.endsWith(path))
    const isNamed = reason?.path?.endsWith(path) === true
    if (found?.state === 'image' && !isNamed) return { ...link, state: 'good' }
    if (found === undefined && !isNamed && (isNamedHere || seen.length > 0)) return { ...link, state: 'not seen' }
    isBroken = true
    return { ...link, state: 'bad', why: reason?.sentence ?? found?.state ?? 'the restore failed' }
  })
}
