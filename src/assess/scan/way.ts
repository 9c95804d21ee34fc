import { closeSync, constants, openSync } from 'node:fs'

interface OpenFolder {
  readonly path: string
  readonly fd: number
}

export const onlyFolders = constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW

const isBelow = (path: string, folder: string): boolean =>
  folder === '' || path === folder || path.startsWith(`${folder}/`)

/** How what is in a tree is reached: by names from the root on. */
export class Way {
  readonly root: string

  constructor(root: string) {
    this.root = root
  }

  /** The name of it, for people. */
  pathOf(path: string): string {
    return path === '' ? this.root : `${this.root}/${path}`
  }

  /** What the file system is asked for. */
  to(path: string): string {
    return this.pathOf(path)
  }

  /** It is about to be listed, and much that is in it read. @throws what `open` throws */
  enter(_folder: string): void {}
}

/**
 * The same by the folders that are open on the way. The product mounts with `lookupcache=none`: each name on the way to a
 * file is asked for again each time, which are more requests than reading it takes. From an open folder on there is one.
 */
export class ShortWay extends Way {
  /** From the outermost on, each below the one before. */
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

/** The same for many requests at once: the first folders that are listed stay open until it is left. */
export class HeldWay extends Way {
  readonly #most: number
  readonly #open = new Map<string, number>()

  /** @param most so many folders; what is below others is reached by names from the last of them on */
  constructor(root: string, most = 4) {
    super(root)
    this.#most = most
  }

  override to(path: string): string {
    for (let folder = path; ; folder = folder.slice(0, Math.max(0, folder.lastIndexOf('/')))) {
      const fd = this.#open.get(folder)
      if (fd !== undefined) return `/proc/self/fd/${fd}${path.slice(folder.length).replace(/^(?=[^/])/, '/')}`
      if (folder === '') return this.pathOf(path)
    }
  }

  /** Whether a folder that is listed is to be opened for it. */
  wants(folder: string): boolean {
    return this.#open.size < this.#most && !this.#open.has(folder)
  }

  hold(folder: string, fd: number): void {
    this.#open.set(folder, fd)
  }

  /** Nothing is asked for any more. */
  leave(): void {
    for (const fd of this.#open.values()) closeSync(fd)
    this.#open.clear()
  }
}
