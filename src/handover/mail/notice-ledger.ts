import { closeSync, fsyncSync, ftruncateSync, openSync, readFileSync, realpathSync, writeSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { z } from 'zod'
import { InputError, MachineError } from '../../errors.ts'
import { holdName } from '../../localhost/held-name.ts'
import { makeFolders } from '../../localhost/make-folders.ts'
import { readNamedFile } from '../../localhost/named-file.ts'
import type { CarrierOutcome } from './carrier.ts'

const format = 'dr-drill notices 1'
const channels = ['smtp', 'webhook'] as const
const kinds = ['sent', 'refused', 'not sent', 'may have been sent'] as const

const headSchema = z.object({ format: z.literal(format) })
const about = { channel: z.enum(channels), key: z.string(), at: z.string() }
const entrySchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('sending'), ...about, id: z.string(), userId: z.string(), to: z.string() }),
  z.object({ kind: z.literal('ended'), ...about, outcome: z.enum(kinds), detail: z.string() }),
])

export type NoticeChannel = (typeof channels)[number]
type Entry = z.output<typeof entrySchema>

/** How the last attempt to hand a message over has ended. */
export interface LastAttempt {
  readonly outcome: (typeof kinds)[number]
  readonly detail: string
  readonly at: string
}

/**
 * The messages that were handed over, in a file that only grows. A line is on the disk before a message is handed over, and
 * another one after it. A message without the second line may have been sent.
 */
export class NoticeLedger implements AsyncDisposable {
  readonly path: string
  readonly #file: number
  readonly #lock: AsyncDisposable
  readonly #last = new Map<string, LastAttempt>()

  private constructor(path: string, file: number, lock: AsyncDisposable, entries: readonly Entry[]) {
    this.path = path
    this.#file = file
    this.#lock = lock
    for (const entry of entries) this.#note(entry)
  }

  /**
   * Opens a ledger, or begins one, and keeps other processes of this host away from it.
   * @throws InputError if it is another file, is damaged or in use; MachineError if it cannot be written
   */
  static async open(name: string): Promise<NoticeLedger> {
    const path = realPathOf(name)
    const lock = await holdName('notices', path)
    if (lock === undefined)
      throw new InputError(`--ledger: another process is using ${path}`, { remedy: 'Wait until it ends.' })
    try {
      const entries = readEntries(path)
      const file = openSync(path, 'a+', 0o600)
      const ledger = new NoticeLedger(path, file, lock, entries)
      if (readFileSync(path).length === 0) ledger.#write({ format })
      const folder = openSync(dirname(path), 'r')
      fsyncSync(folder)
      closeSync(folder)
      return ledger
    } catch (error) {
      await lock[Symbol.asyncDispose]()
      throw error instanceof InputError ? error : notWritten(path, error)
    }
  }

  /** The last attempt to hand a message over. Undefined if there was none. */
  lastOf(channel: NoticeChannel, key: string): LastAttempt | undefined {
    return this.#last.get(`${channel} ${key}`)
  }

  /** Writes down that a message is about to be handed over. @throws MachineError: then it must not be */
  begin(entry: Omit<Extract<Entry, { kind: 'sending' }>, 'kind' | 'at'>, nowMs: number): void {
    this.#add({ kind: 'sending', ...entry, at: new Date(nowMs).toISOString() })
  }

  /** Writes down how that has ended. @throws MachineError: then the message counts as one that may have been sent */
  end(channel: NoticeChannel, key: string, outcome: CarrierOutcome, nowMs: number): void {
    const detail = outcome.kind === 'sent' ? outcome.answer : outcome.why
    this.#add({ kind: 'ended', channel, key, outcome: outcome.kind, detail, at: new Date(nowMs).toISOString() })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    closeSync(this.#file)
    await this.#lock[Symbol.asyncDispose]()
  }

  #add(entry: Entry): void {
    this.#write(entry)
    this.#note(entry)
  }

  #note(entry: Entry): void {
    const { channel, key, at } = entry
    const last: LastAttempt =
      entry.kind === 'ended'
        ? { outcome: entry.outcome, detail: entry.detail, at }
        : { outcome: 'may have been sent', detail: 'the sender ended before the server had confirmed it', at }
    this.#last.set(`${channel} ${key}`, last)
  }

  #write(line: object): void {
    const bytes = Buffer.from(`${JSON.stringify(line)}\n`)
    try {
      for (let at = 0; at < bytes.length; ) at += writeSync(this.#file, bytes, at)
      fsyncSync(this.#file)
    } catch (error) {
      throw notWritten(this.path, error)
    }
  }
}

/** Reads the lines. The last one is removed if it is not whole: its writer ended before the line was on the disk. */
function readEntries(path: string): readonly Entry[] {
  let text: string
  try {
    text = readNamedFile({ what: 'the ledger', path, maxBytes: 256 * 2 ** 20 })
  } catch (error) {
    if (((error as Error).cause as NodeJS.ErrnoException | undefined)?.code === 'ENOENT') return []
    throw error
  }
  const whole = text.slice(0, text.lastIndexOf('\n') + 1)
  const lines = whole.split('\n').slice(0, -1)
  const [head] = lines
  if (head === undefined ? text !== '' && !`{"format":"${format}"}`.startsWith(text) : !isHead(head))
    throw new InputError(`--ledger: ${path} is not a ledger of notices`, { remedy: 'Pass another file.' })
  const entries = lines.slice(1).map((line, index) => {
    const parsed = entrySchema.safeParse(jsonOf(line))
    if (!parsed.success)
      throw new InputError(`--ledger: ${path}:${index + 2} is damaged`, {
        remedy: 'Find out who has received a mail, and correct the line.',
      })
    return parsed.data
  })
  if (whole !== text) truncate(path, Buffer.byteLength(whole))
  return entries
}

const isHead = (line: string): boolean => headSchema.safeParse(jsonOf(line)).success

function jsonOf(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch {
    return undefined
  }
}

function truncate(path: string, length: number): void {
  const file = openSync(path, 'r+')
  try {
    ftruncateSync(file, length)
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
}

function realPathOf(name: string): string {
  try {
    makeFolders(dirname(name), 0o700)
    return join(realpathSync(dirname(name)), basename(name))
  } catch (error) {
    throw notWritten(name, error)
  }
}

const notWritten = (path: string, cause: unknown): MachineError =>
  new MachineError('ledger', `the ledger ${path} cannot be written: ${(cause as Error).message}`, {
    cause,
    remedy: 'Pass --ledger FILE in a folder that you may write to.',
  })
