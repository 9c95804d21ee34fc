import { until } from '../../concurrency/deadline.ts'
import { InputError, MachineError } from '../../errors.ts'
import { isAlive } from '../../localhost/process-identity.ts'
import type { Ledger, LedgerRecord } from './ledger.ts'

/** Returns the labs that `lab up` started, and those that runs keep. */
export async function keptLabs(ledger: Ledger): Promise<readonly LedgerRecord[]> {
  return (await ledger.read()).filter(({ alive, kept }) => alive && kept)
}

/**
 * Signals the holder of a kept lab to exit, which ends the lab, and waits for it.
 *
 * @returns false if the holder had exited before
 * @throws InputError if the run does not exist or keeps no lab; MachineError if the holder does not exit within 30 s
 */
export async function endKeptLab(ledger: Ledger, run: string): Promise<boolean> {
  const record = await keptLab(ledger, run)
  if (!record.alive) return false
  process.kill(record.owner.pid, 'SIGTERM')
  const holder = `the holder of run ${run} (process ${record.owner.pid})`
  const isGone = async () => ((await isAlive(record.owner)) ? undefined : true)
  await until(`${holder} to exit`, isGone, { deadlineMs: 30_000 }).catch((cause) => {
    throw new MachineError('holder-lives', `${holder} does not exit`, {
      cause,
      remedy: `Run kill -9 ${record.owner.pid}.`,
    })
  })
  return true
}

/** The record of a run that keeps a lab, or that is dead. @throws InputError if the run does not exist or keeps no lab */
export async function keptLab(ledger: Ledger, run: string): Promise<LedgerRecord & { readonly alive: boolean }> {
  const record = (await ledger.read()).find((candidate) => candidate.run === run)
  if (record === undefined) throw new InputError(`run "${run}" does not exist`)
  if (record.alive && !record.kept) throw new InputError(`run "${run}" is still running, and keeps no lab`)
  return record
}
