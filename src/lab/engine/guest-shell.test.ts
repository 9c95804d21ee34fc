import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type ContractedShell, shellContract } from '../../shell/contract.ts'
import { Lab } from '../lab.ts'
import { planTopology } from '../topology/topology.ts'
import { openEngine } from './open-engine.ts'

/** Returns the shell of a machine in a lab. Disposing the shell disposes the lab. */
async function guestShell(): Promise<ContractedShell> {
  const logFolder = await mkdtemp(join(tmpdir(), 'dr-drill-shell-'))
  const lab = await Lab.open({
    engine: await openEngine('embedded'),
    run: `shell-contract-${process.pid}`,
    name: 'shell',
    logFolder,
    signal: new AbortController().signal,
  })
  await lab.add(planTopology({ shares: [{ share: '10.10.2.20:/upstream' }] }))
  const { shell } = lab.server('10.10.2.20')
  return {
    where: shell.where,
    run: shell.run,
    try: shell.try,
    [Symbol.asyncDispose]: async () => {
      await lab[Symbol.asyncDispose]()
      await rm(logFolder, { recursive: true })
    },
  }
}

shellContract('a guest over SSH', guestShell)
