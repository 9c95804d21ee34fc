import { chownSync, closeSync, ftruncateSync, mkdirSync, openSync, utimesSync, writeFileSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'
import type { SparseImage } from '../image/sparse-image.ts'

export interface Owner {
  readonly uid: number
  readonly gid: number
}

/** Writes the tree of a target. Synchronous: for many small files, Node's thread pool would cost more than the work. */
export class TreeWriter {
  readonly #root: string
  readonly #owner: Owner | undefined
  readonly #made = new Set<string>()

  constructor(root: string, owner?: Owner) {
    this.#root = root
    this.#owner = owner
  }

  write(path: string, content: string): void {
    this.#makeFolder(dirname(path))
    writeFileSync(this.pathOf(path), content)
    this.#give(this.pathOf(path))
  }

  /** @param writtenAt its time of modification */
  writeImage(path: string, image: SparseImage, writtenAt: Date): void {
    this.#makeFolder(dirname(path))
    writeSparse(this.pathOf(path), image)
    this.adopt(path, writtenAt)
  }

  makeFolder(path: string): void {
    this.#makeFolder(path)
  }

  /** Returns the absolute path. */
  pathOf(path: string): string {
    return `${this.#root}/${path}`
  }

  /** Gives a file that another program has written to the owner of the tree, with its time of modification. */
  adopt(path: string, writtenAt: Date): void {
    this.#give(this.pathOf(path))
    utimesSync(this.pathOf(path), writtenAt, writtenAt)
  }

  /** Forgets the folders that it has made: nothing is written to those of a finished workload. */
  forget(): void {
    this.#made.clear()
  }

  #makeFolder(path: string): void {
    if (path === '.' || this.#made.has(path)) return
    this.#makeFolder(dirname(path))
    const folder = `${this.#root}/${path}`
    mkdirSync(folder)
    this.#give(folder)
    this.#made.add(path)
  }

  #give(path: string): void {
    if (this.#owner !== undefined) chownSync(path, this.#owner.uid, this.#owner.gid)
  }
}

/** Writes an image to a new file. */
export function writeSparse(file: string, { parts, fileBytes }: SparseImage): void {
  const handle = openSync(file, 'wx')
  try {
    for (const { offset, bytes } of parts) writeSync(handle, bytes, 0, bytes.length, offset)
    ftruncateSync(handle, fileBytes)
  } finally {
    closeSync(handle)
  }
}
