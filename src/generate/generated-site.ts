import { rmSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { changeLiveDisks, type LiveDisk } from '../backup/live-disk.ts'
import { convert, type LiveDiskState, liveDisk, type TakenParent, takeImage } from '../backup/taking.ts'
import { luksHeader } from '../image/luks-header.ts'
import { commit, create, renameParent, type Secret } from '../image/qemu.ts'
import { sparseImage } from '../image/sparse-image.ts'
import { quote } from '../shell/quote.ts'
import type { Argv, CommandOptions, Shell } from '../shell/shell.ts'
import {
  type PlannedDisk,
  type PlannedImage,
  type PlannedSnapshot,
  type PlannedWorkload,
  parentName,
} from './target-plan.ts'
import { type TreeWriter, writeSparse } from './tree-writer.ts'

export interface GeneratedSiteOptions {
  /** On this machine: files are also written without it. */
  readonly shell: Shell
  readonly tree: TreeWriter
  readonly workload: PlannedWorkload
  /** Folder for live disks, and for other files that do not belong to the target. */
  readonly work: string
  readonly limits: CommandOptions
}

/** A disk at the time of a snapshot. */
interface DiskMoment {
  readonly disk: PlannedDisk
  readonly live: LiveDiskState
  readonly isFirst: boolean
  /** The image that it booted from: full images are overlays of it. */
  readonly base: string
  /** The image that the oldest kept one is merged into. */
  readonly before: string
}

/** The site that runs a workload and backs it up. */
export class GeneratedSite {
  readonly #options: GeneratedSiteOptions
  readonly #secret: Secret | undefined
  /** Disks are added and never removed: the last snapshot has all of them. */
  readonly #disks: readonly PlannedDisk[]
  /** Content digests of bases, by the seed of the disk. */
  readonly #baseDigests = new Map<string, string>()
  /** Facts of images, by path. */
  readonly #facts = new Map<string, { readonly sizeBytes: number; readonly digest: string }>()

  constructor(options: GeneratedSiteOptions) {
    this.#options = options
    const { workload, work } = options
    this.#disks = workload.snapshots.at(-1)?.disks ?? []
    if (workload.secret === undefined) return
    this.#secret = { id: workload.secret.keySecret, file: join(work, 'secret') }
    writeFileSync(this.#secret.file, workload.secret.payload, { mode: 0o600 })
  }

  /** Changes the disks, and takes those images of them that are kept. @returns the number of images */
  async takeSnapshot(nth: number): Promise<number> {
    const { workload, work } = this.#options
    const snapshot = workload.snapshots.find((one) => one.nth === nth)
    const moments = this.#disks.flatMap((disk, at): DiskMoment[] => {
      if (disk.first > nth) return []
      const prefix = join(work, `${at}`)
      const live = liveDisk(prefix, disk, nth - disk.first + 1)
      return [{ disk, live, isFirst: nth === disk.first, base: `${prefix}.base`, before: `${prefix}.before` }]
    })
    await this.#boot(moments)
    const digests = await this.#change(moments.map(({ live }) => live))
    const taken = new Map<string, string>()
    const commands = moments.flatMap((moment, at) => {
      const empty = moment.isFirst ? [create(moment.live.empty, moment.live.virtualSizeBytes)] : []
      const now = snapshot?.disks.find(({ seed }) => seed === moment.disk.seed)
      // Of those that are not kept, only the last is needed: the oldest kept one is merged into it.
      const isLastBeforeKept = nth + 1 === workload.snapshots[0]?.nth
      if (now === undefined) return isLastBeforeKept ? [...empty, ...this.#take(moment, moment.before)] : empty
      for (const [index, image] of now.images.entries()) {
        const isBase = index < now.images.length - 1
        taken.set(image.path, (isBase ? this.#baseDigests.get(now.seed) : digests[at]) ?? '')
        this.#options.tree.makeFolder(dirname(image.path))
      }
      return [...empty, ...this.#takeKept(moment, now)]
    })
    const sizes = await this.#run(commands, [...taken.keys()])
    for (const [at, [path, digest]] of [...taken].entries())
      this.#facts.set(path, { sizeBytes: sizes[at] ?? 0, digest })
    return taken.size
  }

  /** Renames parents to the paths of the site, and damages those images that do not arrive whole. */
  async send(snapshot: PlannedSnapshot): Promise<void> {
    const { tree } = this.#options
    const images = snapshot.disks.flatMap((disk) => disk.images)
    await this.#run(
      images.flatMap(({ path, parent }) =>
        parent === undefined ? [] : [renameParent(tree.pathOf(path), parent, this.#secret)],
      ),
    )
    for (const { path, arrival } of images) {
      const file = tree.pathOf(path)
      if (arrival === 'cut short') truncateSync(file, Math.floor(statSync(file).size * 0.6))
      if (arrival === 'missing') rmSync(file)
      else tree.adopt(path, snapshot.finishedAt)
    }
  }

  factsOf({ path }: PlannedImage): { readonly sizeBytes: number; readonly digest: string } {
    return this.#facts.get(path) ?? { sizeBytes: 0, digest: '' }
  }

  /** Fills the disks that boot from an image with half of what they hold at their first snapshot. */
  async #boot(moments: readonly DiskMoment[]): Promise<void> {
    const { snapshots } = this.#options.workload
    const booted = moments.filter(
      ({ disk, isFirst }) =>
        isFirst && snapshots.some(({ disks }) => disks.some((one) => one.seed === disk.seed && one.images.length > 1)),
    )
    if (booted.length === 0) return
    const digests = await this.#change(
      booted.map(({ live }) => ({ ...live, changes: live.changes.slice(0, live.changes.length >> 1) })),
    )
    for (const [at, { disk }] of booted.entries()) this.#baseDigests.set(disk.seed, digests[at] ?? '')
    await this.#run(booted.map(({ live, base }) => this.#convert(live, base)))
  }

  #takeKept(moment: DiskMoment, now: PlannedDisk): readonly Argv[] {
    const { tree } = this.#options
    const [first, second] = now.images
    if (first === undefined) return []
    const path = tree.pathOf((second ?? first).path)
    if (second !== undefined)
      return [
        ['cp', '--sparse=always', moment.base, tree.pathOf(first.path)],
        this.#convert(moment.live, path, this.#at(tree.pathOf(first.path))),
      ]
    if (now.type === 'merged')
      return [
        ...this.#take(moment, path, this.#at(moment.before)),
        commit(path, this.#secret),
        ['mv', moment.before, path],
      ]
    return this.#take(moment, path, first.parent && this.#at(tree.pathOf(first.parent.path)))
  }

  #take({ live }: DiskMoment, path: string, parent?: TakenParent): readonly Argv[] {
    this.#prepare(live, path, parent)
    return takeImage(live, path, parent, this.#secret)
  }

  #convert(live: LiveDiskState, path: string, parent?: TakenParent): Argv {
    this.#prepare(live, path, parent)
    return convert({ format: 'raw', path: live.path }, path, parent, this.#secret)
  }

  /** Creates an encrypted image: qemu-img only writes to an existing one. */
  #prepare({ virtualSizeBytes }: LiveDiskState, path: string, parent?: TakenParent): void {
    const { secret } = this.#options.workload
    if (secret === undefined) return
    const luks = luksHeader(secret.payload, secret.id)
    writeSparse(path, sparseImage({ virtualSizeBytes, luks, ...(parent && { backingName: parent.name }) }))
  }

  #at(path: string): TakenParent {
    return { path, name: parentName(path, this.#options.workload.secret) }
  }

  #change(disks: readonly LiveDisk[]): Promise<readonly string[]> {
    return changeLiveDisks(this.#options.shell, disks, this.#options.limits)
  }

  /** Runs commands. @returns the lengths of these files afterwards */
  async #run(commands: readonly Argv[], paths: readonly string[] = []): Promise<readonly number[]> {
    const { shell, tree, limits } = this.#options
    const stat: readonly Argv[] =
      paths.length === 0 ? [] : [['stat', '-c', '%s', '--', ...paths.map((path) => tree.pathOf(path))]]
    const script = [...commands, ...stat].map(quote).join('\n')
    if (script === '') return []
    const { stdout } = await shell.run({ script }, limits)
    return stdout.trim().split('\n').map(Number)
  }
}
