import { until } from '../../concurrency/deadline.ts'
import { InputError, MachineError } from '../../errors.ts'
import { isAlive } from '../../localhost/process-identity.ts'
import type { Ledger, LedgerRecord } from './ledger.ts'

/** The labs that stand, and those that runs have kept. */
export async function keptLabs(ledger: Ledger): Promise<readonly LedgerRecord[]> {
  return (await ledger.read()).filter(({ alive, kept }) => alive && kept)
}

/**
 * Ends a run whose lab was kept: its holder is told to, and the lab goes with it.
 *
 * @throws InputError when there is no such run or it keeps no lab; MachineError when it does not end within 30 s
 */
export async function endKeptLab(ledger: Ledger, run: string): Promise<void> {
  const record = (await ledger.read()).find((candidate) => candidate.run === run)
  if (record === undefined) throw new InputError(`there is no run "${run}"`)
  if (!record.alive) return
  if (!record.kept) throw new InputError(`the run "${run}" is still under way, and keeps no lab`)
  process.kill(record.owner.pid, 'SIGTERM')
  const holder = `the holder of run ${run} (process ${record.owner.pid})`
  const isGone = async () => ((await isAlive(record.owner)) ? undefined : true)
  await until(`${holder} to exit`, isGone, { deadlineMs: 30_000 }).catch((cause) => {
    throw new MachineError('holder-lives', `${holder} does not exit`, { cause, remedy: `kill -9 ${record.owner.pid}` })
  })
}
