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
  /** On this machine: files are also written past it. */
  readonly shell: Shell
  readonly tree: TreeWriter
  readonly workload: PlannedWorkload
  /** Folder for live disks and what else is not sent. */
  readonly work: string
  readonly limits: CommandOptions
}

/** A disk at the time of a snapshot. */
interface Moment {
  readonly disk: PlannedDisk
  readonly live: LiveDiskState
  readonly isFirst: boolean
  /** Its image, of which full images are overlays. */
  readonly base: string
  /** What the oldest kept image is merged into. */
  readonly before: string
}

/** The site where a workload runs and is backed up. */
export class GeneratedSite {
  readonly #options: GeneratedSiteOptions
  readonly #secret: Secret | undefined
  /** Disks come and do not go: the last snapshot has all of them. */
  readonly #disks: readonly PlannedDisk[]
  /** By the seed of the disk, of what its image held. */
  readonly #baseDigests = new Map<string, string>()
  /** By path. */
  readonly #facts = new Map<string, { readonly sizeBytes: number; readonly digest: string }>()

  constructor(options: GeneratedSiteOptions) {
    this.#options = options
    const { workload, work } = options
    this.#disks = workload.snapshots.at(-1)?.disks ?? []
    if (workload.secret === undefined) return
    this.#secret = { id: workload.secret.keySecret, file: join(work, 'secret') }
    writeFileSync(this.#secret.file, workload.secret.payload, { mode: 0o600 })
  }

  /** Lets the disks change, and takes what is kept of them. @returns how many images were taken */
  async takeSnapshot(nth: number): Promise<number> {
    const { workload, work } = this.#options
    const snapshot = workload.snapshots.find((one) => one.nth === nth)
    const moments = this.#disks.flatMap((disk, at): Moment[] => {
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
      // What is not kept is needed only as what the oldest kept one is merged into.
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

  /** Gives images the names that they have at the site for their parents, and lets happen to them what shall. */
  async send(snapshot: PlannedSnapshot): Promise<void> {
    const { tree } = this.#options
    const images = snapshot.disks.flatMap((disk) => disk.images)
    await this.#run(
      images.flatMap(({ path, parent }) =>
        parent === undefined ? [] : [renameParent(tree.pathOf(path), parent, this.#secret)],
      ),
    )
    for (const { path, fate } of images) {
      const file = tree.pathOf(path)
      if (fate === 'cut short') truncateSync(file, Math.floor(statSync(file).size * 0.6))
      if (fate === 'missing') rmSync(file)
      else tree.adopt(path)
    }
  }

  factsOf({ path }: PlannedImage): { readonly sizeBytes: number; readonly digest: string } {
    return this.#facts.get(path) ?? { sizeBytes: 0, digest: '' }
  }

  /** Disks begin as what is in an image: half of what they hold at their first snapshot. */
  async #boot(moments: readonly Moment[]): Promise<void> {
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

  #takeKept(moment: Moment, now: PlannedDisk): readonly Argv[] {
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

  #take({ live }: Moment, path: string, parent?: TakenParent): readonly Argv[] {
    this.#prepare(live, path, parent)
    return takeImage(live, path, parent, this.#secret)
  }

  #convert(live: LiveDiskState, path: string, parent?: TakenParent): Argv {
    this.#prepare(live, path, parent)
    return convert({ format: 'raw', path: live.path }, path, parent, this.#secret)
  }

  /** An encrypted image has to be there before something is written to it. */
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

  /** @returns the lengths of these files afterwards */
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
