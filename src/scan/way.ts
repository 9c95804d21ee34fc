import { closeSync, constants, openSync } from 'node:fs'

interface OpenFolder {
  readonly path: string
  readonly fd: number
}

const onlyFolders = constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW

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

const isBelow = (path: string, folder: string): boolean =>
  folder === '' || path === folder || path.startsWith(`${folder}/`)
