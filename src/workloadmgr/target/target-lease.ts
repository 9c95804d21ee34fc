import { randomUUID } from 'node:crypto'
import { open, readdir, readFile, unlink } from 'node:fs/promises'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import { setTimeout as delay } from 'node:timers/promises'
import { MachineError } from '../../errors.ts'
import type { BackupTarget } from '../manager-config.ts'

/** The site and the job that change the records of a target. */
export interface LeaseHolder {
  readonly site: string
  readonly job: string
}

export interface LeaseOptions {
  /** True if a job of this site has certainly ended. Its lease is replaced at once. */
  readonly hasJobEnded?: (job: string) => Promise<boolean>
  /** The age from which the lease of another site is replaced, and how often a holder renews its own. */
  readonly staleMs?: number
  readonly renewMs?: number
}

/** Another job changes the records of a target. */
export class TargetBusy extends MachineError {
  /** Undefined if the lease does not name it. */
  readonly holder: LeaseHolder | undefined

  constructor(target: BackupTarget, who: string, holder?: LeaseHolder) {
    super('target-busy', `backup target ${target.name} is in use by ${who}`, {
      remedy: 'Wait until that job has ended. The lease of a site that is lost ends one minute after its loss.',
    })
    this.holder = holder
  }
}

const leaseFile = '.workloadmgr-lease'
const probePrefix = '.workloadmgr-lease-probe-'
const takeoverFile = '.workloadmgr-lease-takeover'

/**
 * The right of one job to change the records of a target, which several sites can mount. It is a file on the share, created
 * exclusively, that the holder writes again every 10 s.
 *
 * It is stale if its job is one of this site whose process is gone. That of another site is stale if it was not written for
 * 60 s, by the clock of the file server, and is not written for another 15 s while the next job watches it: so no wrong clock
 * makes it stale. A holder that was not able to renew it for 30 s makes no further change. Two jobs could change the same
 * records only if a single write took longer than that to arrive; each file is then still one of both versions.
 */
export class TargetLease implements AsyncDisposable {
  /** True if the share is read-only: there is no lease, and nothing can be changed through this mount. */
  readonly isReadOnly: boolean
  readonly #path: string
  readonly #holder: LeaseHolder
  readonly #staleMs: number
  #renewedMs = performance.now()
  #beat = 0
  #lostTo: string | undefined
  #timer: NodeJS.Timeout | undefined

  private constructor(path: string, holder: LeaseHolder, isReadOnly: boolean, staleMs: number, renewMs: number) {
    this.#path = path
    this.#holder = holder
    this.#staleMs = staleMs
    this.isReadOnly = isReadOnly
    if (isReadOnly) return
    this.#timer = setInterval(() => void this.#renew(), renewMs)
    this.#timer.unref()
  }

  /**
   * Takes the lease of a target. A read-only share has none, and the result allows no change.
   * @throws MachineError that names the holder if another job has it, or if the share cannot be written
   */
  static async take(target: BackupTarget, holder: LeaseHolder, options: LeaseOptions = {}): Promise<TargetLease> {
    const { staleMs = 60_000, renewMs = 10_000 } = options
    const path = join(target.mountPath, leaseFile)
    try {
      if (await create(path, holder)) {
        await removeProbes(target)
        return new TargetLease(path, holder, false, staleMs, renewMs)
      }
      const takeover = join(target.mountPath, takeoverFile)
      const other = await busyHolder(path, target, holder, { ...options, watchMs: 0 })
      if (other !== undefined) throw busyWith(target, other)
      // Only one job may replace a stale lease. It looks again once it is alone.
      if (!(await create(takeover, holder))) {
        if (!(await isOld(takeover, target, staleMs)))
          throw new TargetBusy(target, 'another job, which replaces a stale lease')
        await unlink(takeover)
        if (!(await create(takeover, holder))) throw new TargetBusy(target, 'another job, which replaces a stale lease')
      }
      try {
        const now = await busyHolder(path, target, holder, { ...options, watchMs: 1.5 * renewMs })
        if (now !== undefined) throw busyWith(target, now)
        await unlink(path).catch(ignoreAbsence)
        if (!(await create(path, holder))) throw new TargetBusy(target, 'another job')
      } finally {
        await unlink(takeover).catch(ignoreAbsence)
      }
      return new TargetLease(path, holder, false, staleMs, renewMs)
    } catch (error) {
      if (error instanceof MachineError) throw error
      if ((error as NodeJS.ErrnoException).code === 'EROFS')
        return new TargetLease(path, holder, true, staleMs, renewMs)
      const why = (error as Error).message
      throw new MachineError('target-lease', `cannot take the lease of backup target ${target.name}: ${why}`, {
        cause: error,
      })
    }
  }

  /** Call before each change. @throws MachineError if the lease was lost, or not renewed for half of its time */
  assertHeld(): void {
    if (this.isReadOnly) return
    if (this.#lostTo !== undefined) throw lost(this.#path, this.#lostTo)
    if (performance.now() - this.#renewedMs > this.#staleMs / 2) throw lost(this.#path, 'it was not renewed in time')
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#timer)
    if (this.isReadOnly || this.#lostTo !== undefined) return
    const text = await readFile(this.#path, 'utf8').catch(() => '')
    if (holderIn(text)?.job === this.#holder.job) await unlink(this.#path).catch(ignoreAbsence)
  }

  async #renew(): Promise<void> {
    const startedMs = performance.now()
    try {
      const file = await open(this.#path, 'r+')
      try {
        const holder = holderIn(await file.readFile('utf8'))
        if (holder?.job !== this.#holder.job) {
          this.#lostTo = holder === undefined ? 'it was replaced' : `${holder.site}, job ${holder.job}, has it`
          return
        }
        this.#beat = (this.#beat + 1) % maxBeat
        await file.write(leaseText(this.#holder, this.#beat), 0)
        await file.sync()
        // The server has written it after this moment.
        this.#renewedMs = startedMs
      } finally {
        await file.close()
      }
    } catch (error) {
      // A share that does not answer may answer again: `assertHeld` ends the job if it takes too long.
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') this.#lostTo = 'it was removed'
    }
  }
}

/** Returns the holder of a lease that is not stale, `unknown` if it names none. Undefined if it is stale or gone. */
async function busyHolder(
  path: string,
  target: BackupTarget,
  own: LeaseHolder,
  { hasJobEnded, staleMs = 60_000, watchMs }: LeaseOptions & { readonly watchMs: number },
): Promise<LeaseHolder | 'unknown' | undefined> {
  const text = await readFile(path, 'utf8').catch((error) => {
    ignoreAbsence(error)
    return undefined
  })
  if (text === undefined) return undefined
  const holder = holderIn(text)
  if (holder?.site === own.site && (await hasJobEnded?.(holder.job)) === true) return undefined
  if ((await isOld(path, target, staleMs)) && !(await changes(path, text, watchMs))) return undefined
  return holder ?? 'unknown'
}

function busyWith(target: BackupTarget, holder: LeaseHolder | 'unknown'): TargetBusy {
  if (holder === 'unknown') return new TargetBusy(target, 'another job')
  return new TargetBusy(target, `site ${JSON.stringify(holder.site)}, job ${holder.job}`, holder)
}

/** Creates a lease. False if the file exists. */
async function create(path: string, holder: LeaseHolder): Promise<boolean> {
  try {
    const file = await open(path, 'wx', 0o644)
    try {
      await file.writeFile(leaseText(holder))
      await file.sync()
    } finally {
      await file.close()
    }
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  }
}

/** Compares two times of the file server: that of the lease, and that of a file which is created now. */
async function isOld(path: string, target: BackupTarget, staleMs: number): Promise<boolean> {
  const probe = join(target.mountPath, `${probePrefix}${randomUUID()}`)
  const file = await open(probe, 'wx', 0o600)
  try {
    await file.writeFile('.')
    await file.sync()
    const { mtimeMs: nowMs } = await file.stat()
    const lease = await open(path, 'r')
    try {
      const { mtimeMs } = await lease.stat()
      return nowMs - mtimeMs > staleMs
    } finally {
      await lease.close()
    }
  } catch (error) {
    ignoreAbsence(error)
    return true
  } finally {
    await file.close()
    await unlink(probe).catch(ignoreAbsence)
  }
}

/** Removes files of `isOld` that a killed process has left. One that is still in use only makes its job fail. */
async function removeProbes({ mountPath }: BackupTarget): Promise<void> {
  for (const name of await readdir(mountPath))
    if (name.startsWith(probePrefix)) await unlink(join(mountPath, name)).catch(ignoreAbsence)
}

/** True if a lease gets another text within this time: its holder is alive. */
async function changes(path: string, text: string, watchMs: number): Promise<boolean> {
  const end = performance.now() + watchMs
  while (performance.now() < end) {
    await delay(Math.min(250, watchMs))
    const now = await readFile(path, 'utf8').catch((error) => {
      ignoreAbsence(error)
      return undefined
    })
    if (now === undefined) return false
    if (now !== text) return true
  }
  return false
}

const maxBeat = 1_000_000

/** Always of the same length for one holder, so that it can be written in place. Each renewal changes it. */
const leaseText = ({ site, job }: LeaseHolder, beat = 0): string =>
  `${JSON.stringify({ site, job, beat: `${beat}`.padStart(6, '0') })}\n`

function holderIn(text: string): LeaseHolder | undefined {
  try {
    const { site, job } = JSON.parse(text) as Partial<Record<keyof LeaseHolder, unknown>>
    return typeof site === 'string' && typeof job === 'string' ? { site, job } : undefined
  } catch {
    return undefined
  }
}

const lost = (path: string, why: string): MachineError =>
  new MachineError('target-lease', `the lease ${path} was lost: ${why}`, { remedy: 'Run the command again.' })

function ignoreAbsence(error: unknown): void {
  if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
}
