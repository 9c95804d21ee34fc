import { type BootMount, hasOption, isBindLine, isWithin } from './fstab.ts'

/** What a path shows: a folder of a file system. */
interface Folder {
  /** The number of the line that mounted it. 0 for what fstab does not mount. */
  readonly fileSystem: number
  readonly folder: string
}

/** A mount that is visible at its mount point. */
export interface VisibleMount {
  readonly at: string
  readonly by: BootMount
  readonly shows: Folder
}

/** A mount that another one hides, at its mount point or above it. */
export interface HiddenMount {
  readonly mount: BootMount
  readonly by: BootMount
}

/** The mounts of a host without shared propagation, as one is made after another. */
export class VisibleMounts {
  readonly hidden: HiddenMount[] = []
  #visible: readonly VisibleMount[] = []

  constructor(mounts: readonly BootMount[] = []) {
    for (const mount of mounts) this.add(mount)
  }

  add(mount: BootMount): void {
    const { target } = mount
    const isBind = isBindLine(mount)
    const shows = isBind ? this.shownAt(mount.source) : { fileSystem: mount.number, folder: '/' }
    const below = isBind && hasOption(mount, 'rbind') ? this.#below(mount.source) : []
    for (const { at, by } of this.#visible) if (isWithin(at, target)) this.hidden.push({ mount: by, by: mount })
    const rest = this.#visible.filter(({ at }) => !isWithin(at, target))
    const carried = below.map((one) => ({ ...one, at: joined(target, one.at.slice(mount.source.length)), by: mount }))
    this.#visible = [...rest, { at: target, by: mount, shows }, ...carried]
  }

  /** The mount that has a path as its mount point. */
  mountedAt(path: string): VisibleMount | undefined {
    return this.#visible.find(({ at }) => at === path)
  }

  /** The mount that a path is on. Undefined for the file system below all of them. */
  mountOf(path: string): VisibleMount | undefined {
    const holding = this.#visible.filter(({ at }) => isWithin(path, at))
    return holding.toSorted((one, other) => other.at.length - one.at.length)[0]
  }

  shownAt(path: string): Folder {
    const mount = this.mountOf(path)
    if (mount === undefined) return { fileSystem: 0, folder: path }
    return { ...mount.shows, folder: joined(mount.shows.folder, path.slice(mount.at === '/' ? 0 : mount.at.length)) }
  }

  #below(path: string): readonly VisibleMount[] {
    return this.#visible.filter(({ at }) => at !== path && isWithin(at, path))
  }
}

function joined(folder: string, rest: string): string {
  const path = `${folder}/${rest}`.replace(/\/{2,}/g, '/')
  return path === '/' ? path : path.replace(/\/$/, '')
}
