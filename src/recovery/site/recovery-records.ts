import { randomBytes } from 'node:crypto'
import { closeSync, fsyncSync, openSync, readdirSync, readFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { MachineError } from '../../errors.ts'
import { makeFolders } from '../../localhost/make-folders.ts'
import { stateFolder } from '../../localhost/state-folder.ts'
import type { AppliedAction } from '../action/kinds.ts'
import { actionSchema } from './plan-schema.ts'

const format = 'dr-drill recovery record 2'

/** One line of a record. It is on the disk before the change is made. */
export type RecordEntry =
  | {
      readonly kind: 'begun'
      readonly format: string
      readonly at: string
      readonly site: string
      /** The name of a strategy, or `undo`. */
      readonly purpose: string
    }
  /** The host that the node is from here on: other hosts can have the same site and node names. */
  | { readonly kind: 'host'; readonly where: string; readonly host: string }
  /** Written before the action begins. */
  | { readonly kind: 'action'; readonly applied: AppliedAction }
  | { readonly kind: 'done'; readonly where: string; readonly action: AppliedAction['action']['kind'] }
  /** Everything that was done on that host before is undone, except what is left. */
  | {
      readonly kind: 'undone'
      readonly where: string
      readonly host: string
      readonly left: readonly AppliedAction[]
    }

/** The recoveries of sites, a file each, on the machine that carries them out. */
export class Records {
  readonly folder: string

  /** @param folder `$DR_DRILL_RECORDS` by default, which a drill sets for its runbooks, or else in the state folder */
  constructor(folder?: string) {
    this.folder = folder ?? (process.env['DR_DRILL_RECORDS'] || join(stateFolder(), 'recoveries'))
  }

  /** @throws MachineError if the folder cannot be written. Nothing must be done then. */
  begin(site: string, purpose: string, nowMs: number): RecoveryRecord {
    const at = new Date(nowMs).toISOString()
    const name = `${encodeURIComponent(site)}.${at.replaceAll(/[-:.]/g, '')}-${randomBytes(3).toString('hex')}.ndjson`
    try {
      makeFolders(this.folder, 0o700)
      const record = new RecoveryRecord(openSync(join(this.folder, name), 'wx', 0o600))
      record.append({ kind: 'begun', format, at, site, purpose })
      const folder = openSync(this.folder, 'r')
      fsyncSync(folder)
      closeSync(folder)
      return record
    } catch (cause) {
      const { message } = cause as Error
      throw new MachineError('record', `cannot write the recovery record in ${this.folder}: ${message}`, {
        cause,
        remedy: 'Pass --records DIR, or set XDG_STATE_HOME to a writable folder.',
      })
    }
  }

  /**
   * The entries of all recoveries of a site, in order.
   * @throws MachineError for a record that another version of dr-drill wrote, or that cannot be read
   */
  read(site: string): readonly RecordEntry[] {
    const prefix = `${encodeURIComponent(site)}.`
    const names = existing(this.folder).filter((name) => name.startsWith(prefix))
    return names.sort().flatMap((name) => readRecord(join(this.folder, name)))
  }
}

export class RecoveryRecord implements Disposable {
  readonly #file: number

  constructor(file: number) {
    this.#file = file
  }

  append(entry: RecordEntry): void {
    writeSync(this.#file, `${JSON.stringify(entry)}\n`)
    fsyncSync(this.#file)
  }

  [Symbol.dispose](): void {
    closeSync(this.#file)
  }
}

/** The changes on one host that are not undone, in the order in which they were made. */
export interface OpenChanges {
  /** The host that the node was then. */
  readonly host: string
  readonly actions: readonly AppliedAction[]
}

/** The open changes of each node: one element for each host that it was. */
export function openChangesIn(entries: readonly RecordEntry[]): ReadonlyMap<string, readonly OpenChanges[]> {
  const open = new Map<string, { host: string; actions: AppliedAction[] }[]>()
  const hosts = new Map<string, string>()
  const changesOn = (where: string) => {
    const [all, host] = [open.get(where) ?? [], hosts.get(where) ?? '']
    const known = all.find((one) => one.host === host)
    if (known !== undefined) return known
    const one = { host, actions: [] }
    open.set(where, [...all, one])
    return one
  }
  for (const entry of entries) {
    // What was begun need not have been done. Undoing it does no harm then.
    if (entry.kind === 'action') changesOn(entry.applied.where).actions.push(entry.applied)
    if (entry.kind === 'host') hosts.set(entry.where, entry.host)
    if (entry.kind === 'undone') {
      const { where, host, left } = entry
      const others = open.get(where)?.filter((one) => one.host !== host) ?? []
      const rest = left.length === 0 ? others : [...others, { host, actions: [...left] }]
      open.set(where, rest)
      if (rest.length === 0) open.delete(where)
    }
  }
  return open
}

function readRecord(file: string): readonly RecordEntry[] {
  const lines = readFileSync(file, 'utf8').split('\n')
  const objects = lines.flatMap((line, index): { object: object; number: number }[] => {
    const object = parse(line)
    // A crash may have cut off the last line. Any other may have a change that is to be undone.
    if (object === undefined && line !== '' && index < lines.length - 1)
      throw unreadable(file, index + 1, 'it is not JSON')
    return object === undefined ? [] : [{ object, number: index + 1 }]
  })
  const [first] = objects.map(({ object }) => object as Partial<RecordEntry & { format: unknown }>)
  if (first !== undefined && (first.kind !== 'begun' || first.format !== format))
    throw new MachineError('record', `${file} is not a recovery record of this version of dr-drill`, {
      remedy: 'Undo that recovery with the version that wrote it, or move the file away.',
    })
  return objects.map(({ object, number }) => {
    const { error } = entrySchema.safeParse(object)
    const [issue] = error?.issues ?? []
    if (issue !== undefined) throw unreadable(file, number, `${issue.path.join('.')}: ${issue.message}`)
    return object as RecordEntry
  })
}

function unreadable(file: string, line: number, why: string): MachineError {
  return new MachineError('record', `${file}:${line} cannot be read: ${why}`, {
    remedy: 'Restore the file, or undo that recovery by hand and move the file away.',
  })
}

const text = z.string()
const applied = z.looseObject({
  where: text,
  action: actionSchema,
  before: z.looseObject({}),
  inverse: z.looseObject({ kind: text }),
})
const entrySchema = z.discriminatedUnion('kind', [
  z.looseObject({ kind: z.literal('begun'), at: text, site: text, purpose: text }),
  z.looseObject({ kind: z.literal('host'), where: text, host: text }),
  z.looseObject({ kind: z.literal('action'), applied }),
  z.looseObject({ kind: z.literal('done'), where: text, action: text }),
  z.looseObject({ kind: z.literal('undone'), where: text, host: text, left: z.array(applied) }),
])

function parse(line: string): object | undefined {
  try {
    const value: unknown = JSON.parse(line)
    return typeof value === 'object' && value !== null ? value : undefined
  } catch {
    return undefined
  }
}

function existing(folder: string): readonly string[] {
  try {
    return readdirSync(folder)
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException
    if (code === 'ENOENT') return []
    throw new MachineError('record', `cannot read the recovery records in ${folder}: ${message}`, {
      cause,
      remedy: 'Run as the user that recovered, or pass the folder with --records.',
    })
  }
}
