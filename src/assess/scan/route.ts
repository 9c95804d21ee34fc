import { closeSync, constants, openSync } from 'node:fs'

interface OpenFolder {
  readonly path: string
  readonly fd: number
}

export const onlyFolders = constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW

const isBelow = (path: string, folder: string): boolean =>
  folder === '' || path === folder || path.startsWith(`${folder}/`)

/** How the places in a tree are reached: by names from the root. */
export class Route {
  readonly root: string

  constructor(root: string) {
    this.root = root
  }

  /** The path for messages. */
  pathOf(path: string): string {
    return path === '' ? this.root : `${this.root}/${path}`
  }

  /** The path for the file system. */
  to(path: string): string {
    return this.pathOf(path)
  }

  /** Prepares for reading a folder. @throws what `open` throws */
  enter(_folder: string): void {}
}

/**
 * Reaches places by names from open folders. The product mounts with `lookupcache=none`, so that every name in a path
 * is looked up every time, which takes more requests than reading. From an open folder it takes one.
 */
export class ShortRoute extends Route {
  /** The open folders, each below the one before. */
  readonly #open: OpenFolder[] = []

  override to(path: string): string {
    const from = this.#open.findLast((folder) => isBelow(path, folder.path))
    if (from === undefined) return this.pathOf(path)
    const rest = from.path === '' ? path : path.slice(from.path.length + 1)
    return rest === '' ? `/proc/self/fd/${from.fd}` : `/proc/self/fd/${from.fd}/${rest}`
  }

  override enter(folder: string): void {
    for (let last = this.#open.at(-1); last !== undefined && !isBelow(folder, last.path); last = this.#open.at(-1)) {
      this.#open.pop()
      closeSync(last.fd)
    }
    if (this.#open.at(-1)?.path !== folder)
      this.#open.push({ path: folder, fd: openSync(this.to(folder), onlyFolders) })
  }
}

/** Like `ShortRoute`, for many requests at once: the first folders that are listed stay open until `leave`. */
export class HeldRoute extends Route {
  readonly #max: number
  readonly #open = new Map<string, number>()

  /** @param max how many folders stay open; deeper places are reached by names from the last of them */
  constructor(root: string, max = 4) {
    super(root)
    this.#max = max
  }

  override to(path: string): string {
    for (let folder = path; ; folder = folder.slice(0, Math.max(0, folder.lastIndexOf('/')))) {
      const fd = this.#open.get(folder)
      if (fd !== undefined) return `/proc/self/fd/${fd}${path.slice(folder.length).replace(/^(?=[^/])/, '/')}`
      if (folder === '') return this.pathOf(path)
    }
  }

  /** True if a folder that is listed should be opened for it. */
  wants(folder: string): boolean {
    return this.#open.size < this.#max && !this.#open.has(folder)
  }

  hold(folder: string, fd: number): void {
    this.#open.set(folder, fd)
  }

  /** Closes the folders. */
  leave(): void {
    for (const fd of this.#open.values()) closeSync(fd)
    this.#open.clear()
  }
}
