import { closeSync, openSync, writeFileSync } from 'node:fs'
import { DrillError, InputError, MachineError } from '../errors.ts'
import type { AppendedEvent, JournalEntry, MergedJournal } from './journal.ts'
import { journalLines, partsOfFile } from './journal-lines.ts'
import { type KeepEntry, MemoryJournal } from './journal-memory.ts'
import { journalFormat, problemInEntry } from './journal-schema.ts'

export interface JournalFileOptions {
  /** Called with each entry after it is written. */
  readonly onEntry?: KeepEntry
  /** Called once, if the disk is full or fails. */
  readonly onBroken?: (error: DrillError) => void
}

/**
 * The journal of a run: one JSON object a line. `append` returns after the kernel has the line, so that the journal of a
 * killed run is readable up to its last complete line.
 *
 * `append` never throws, because clean-up calls it and must go on. If writing fails, `onBroken` is called once, and the
 * journal continues in memory.
 */
export class JournalFile implements MergedJournal, Disposable {
  readonly path: string
  readonly #fd: number
  readonly #memory: MemoryJournal
  readonly #onBroken: (error: DrillError) => void
  #broken = false
  #closed = false

  /**
   * @param path must not exist: a journal is never overwritten
   * @throws InputError if the folder is not writable, MachineError if the disk is full or fails
   */
  constructor(path: string, { onEntry = () => {}, onBroken = () => {} }: JournalFileOptions = {}) {
    this.path = path
    this.#onBroken = onBroken
    try {
      this.#fd = openSync(path, 'ax', 0o644)
    } catch (error) {
      throw writingFailed(path, error)
    }
    this.#memory = new MemoryJournal((entry, worker) => {
      this.#write(entry)
      onEntry(entry, worker)
    })
  }

  append(event: AppendedEvent, drill?: string): JournalEntry {
    return this.#memory.append(event, drill)
  }

  adopt(entry: JournalEntry, worker: number): JournalEntry {
    return this.#memory.adopt(entry, worker)
  }

  entries(drill?: string): readonly JournalEntry[] {
    return this.#memory.entries(drill)
  }

  [Symbol.dispose](): void {
    if (this.#closed) return
    this.#closed = true
    closeSync(this.#fd)
  }

  #write(entry: JournalEntry): void {
    if (this.#broken || this.#closed) return
    try {
      writeFileSync(this.#fd, `${JSON.stringify(entry)}\n`)
    } catch (error) {
      this.#broken = true
      this.#onBroken(writingFailed(this.path, error))
    }
  }
}

/** A journal that was read from a file. */
export interface ReadJournal {
  readonly entries: readonly JournalEntry[]
  /** True if the last line is incomplete: the writer was killed, or its disk was full. */
  readonly torn: boolean
}

/**
 * Reads a journal, also one that was cut anywhere.
 * @throws InputError if it cannot be read, a line other than the last is not valid, or a newer version wrote it
 */
export function readJournal(path: string): ReadJournal {
  try {
    return parseJournal(partsOfFile(path), path)
  } catch (error) {
    if (error instanceof DrillError) throw error
    throw new InputError(`cannot read the journal ${path}: ${(error as Error).message}`, { cause: error })
  }
}

/**
 * As `readJournal`, from the content of a file.
 * @param parts the content, whole or piece by piece
 * @param path the file, for messages
 */
export function parseJournal(parts: Iterable<Uint8Array>, path: string): ReadJournal {
  const entries: JournalEntry[] = []
  const lines = journalLines(parts)
  let line = lines.next()
  for (; line.done !== true; line = lines.next()) entries.push(parseLine(path, line.value, entries.length + 1))
  // A complete journal ends with a newline. The rest is a line that was being written.
  return { entries, torn: line.value !== '' }
}

function parseLine(path: string, line: string, number: number): JournalEntry {
  let entry: unknown
  try {
    entry = JSON.parse(line)
  } catch (error) {
    throw new InputError(`${path}:${number} is not a line of a journal`, { cause: error })
  }
  if (
    typeof entry !== 'object' ||
    entry === null ||
    (entry as { seq?: unknown }).seq !== number ||
    !('kind' in entry)
  ) {
    throw new InputError(`${path}:${number} is not entry ${number} of a journal`)
  }
  const problem = problemInEntry(entry)
  if (problem !== undefined) throw new InputError(`${path}:${number} is not an entry of a journal: ${problem}`)
  const read = entry as JournalEntry
  if (read.kind === 'run-started' && (read.format ?? 1) > journalFormat)
    throw new InputError(
      `${path}: dr-drill ${read.version} wrote this journal in format ${read.format}, and this version reads format ${journalFormat}`,
      { remedy: `Use dr-drill ${read.version} or later.` },
    )
  return read
}

const wrongPlace = new Set(['EACCES', 'EPERM', 'EROFS', 'ENOTDIR', 'EISDIR', 'EEXIST', 'ENOENT', 'ENAMETOOLONG'])

/** Explains why a report cannot be written. A wrong folder is wrong input, a full disk is the machine's. */
export function writingFailed(path: string, error: unknown): DrillError {
  if (error instanceof DrillError) return error
  const { code, message } = error as NodeJS.ErrnoException
  if (code !== undefined && wrongPlace.has(code)) {
    return new InputError(`cannot write ${path}: ${message}`, {
      cause: error,
      remedy: 'Choose another folder: --reports DIR',
    })
  }
  const what = code === 'ENOSPC' || code === 'EDQUOT' ? 'the disk is full' : message
  return new MachineError('reports-unwritable', `cannot write ${path}: ${what}`, { cause: error })
}
