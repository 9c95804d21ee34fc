import { randomBytes } from 'node:crypto'
import { closeSync, fsyncSync, openSync, readdirSync, readFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { MachineError } from '../../errors.ts'
import { stateFolder } from '../../lab/registry/ledger.ts'
import { makeFolders } from '../../localhost/make-folders.ts'
import type { User } from '../../shell/shell.ts'
import type { AppliedAction } from '../action/apply.ts'
import type { Rename } from '../strategy/renames.ts'

/** What was done at a site: written, and on the disk, before it is done. */
export type RecordEntry =
  | { readonly kind: 'begun'; readonly at: string; readonly site: string; readonly strategy: string }
  /** Which host the node is from here on: sites and nodes of the same names are elsewhere too. */
  | { readonly kind: 'host'; readonly where: string; readonly host: string }
  | { readonly kind: 'action'; readonly applied: AppliedAction; readonly state: 'begun' | 'done' }
  | { readonly kind: 'rebase'; readonly where: string; readonly user: User; readonly renames: readonly Rename[] }
  /** Everything that was done on that host before, but for what is left of it. */
  | { readonly kind: 'undone'; readonly where: string; readonly host: string; readonly left?: Remains }

/** The recoveries of sites, a file each, on the machine that they are carried out from. */
export class Records {
  readonly folder: string

  /** @param folder default: `$DR_DRILL_RECORDS`, which a drill sets for its runbooks; else in the state folder */
  constructor(folder?: string) {
    this.folder = folder ?? (process.env['DR_DRILL_RECORDS'] || join(stateFolder(), 'recoveries'))
  }

  /** @throws MachineError where it cannot be written: then nothing is done either */
  begin(site: string, strategy: string, nowMs: number): RecoveryRecord {
    const at = new Date(nowMs).toISOString()
    const name = `${encodeURIComponent(site)}.${at.replaceAll(/[-:.]/g, '')}-${randomBytes(3).toString('hex')}.ndjson`
    try {
      makeFolders(this.folder, 0o700)
      const record = new RecoveryRecord(openSync(join(this.folder, name), 'wx', 0o600))
      record.append({ kind: 'begun', at, site, strategy })
      const folder = openSync(this.folder, 'r')
      fsyncSync(folder)
      closeSync(folder)
      return record
    } catch (cause) {
      throw new MachineError(
        'record',
        `what is done cannot be recorded in ${this.folder}: ${(cause as Error).message}`,
        {
          cause,
          remedy: 'set XDG_STATE_HOME to a folder that can be written',
        },
      )
    }
  }

  /** Of all recoveries of a site, in order. */
  read(site: string): readonly RecordEntry[] {
    const prefix = `${encodeURIComponent(site)}.`
    const names = existing(this.folder).filter((name) => name.startsWith(prefix))
    return names.sort().flatMap((name) =>
      readFileSync(join(this.folder, name), 'utf8')
        .split('\n')
        // The last line may have been cut off.
        .flatMap((line): RecordEntry[] => (line.endsWith('}') ? parse(line) : [])),
    )
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

/** What was done and not taken back, in order. */
export interface Remains {
  readonly actions: readonly AppliedAction[]
  readonly rebases: readonly Extract<RecordEntry, { kind: 'rebase' }>[]
}

/** The same, on a node. */
export interface Standing extends Remains {
  /** That the node was then. */
  readonly host: string
}

/** By node: one for each host that it has been. */
export function standingAt(entries: readonly RecordEntry[]): ReadonlyMap<string, readonly Standing[]> {
  type Growing = Standing & { actions: AppliedAction[]; rebases: Extract<RecordEntry, { kind: 'rebase' }>[] }
  const standing = new Map<string, Growing[]>()
  const hosts = new Map<string, string>()
  const at = (where: string) => {
    const [all, host] = [standing.get(where) ?? [], hosts.get(where) ?? '']
    const known = all.find((one) => one.host === host)
    if (known !== undefined) return known
    const one: Growing = { host, actions: [], rebases: [] }
    standing.set(where, [...all, one])
    return one
  }
  for (const entry of entries) {
    // What was begun need not have been done; taking it back is no harm then.
    if (entry.kind === 'action' && entry.state === 'begun') at(entry.applied.where).actions.push(entry.applied)
    if (entry.kind === 'rebase') at(entry.where).rebases.push(entry)
    if (entry.kind === 'host') hosts.set(entry.where, entry.host)
    if (entry.kind === 'undone') {
      const { where, host, left } = entry
      const others = standing.get(where)?.filter((one) => one.host !== host) ?? []
      const remains = left === undefined ? [] : [{ host, actions: [...left.actions], rebases: [...left.rebases] }]
      standing.set(where, [...others, ...remains])
      if (others.length + remains.length === 0) standing.delete(where)
    }
  }
  return standing
}

function parse(line: string): RecordEntry[] {
  try {
    return [JSON.parse(line) as RecordEntry]
  } catch {
    return []
  }
}

function existing(folder: string): readonly string[] {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}
