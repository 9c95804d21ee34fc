import { randomBytes } from 'node:crypto'
import { MachineError } from '../errors.ts'
import type { EngineName } from '../lab/engine/engine.ts'
import { openEngine } from '../lab/engine/open-engine.ts'
import { Lab } from '../lab/lab.ts'
import { Ledger } from '../lab/registry/ledger.ts'
import { planTopology } from '../lab/topology/topology.ts'
import { LeasedFolder } from '../localhost/leased-folder.ts'

const shareName = '10.10.2.20:/probe'

/**
 * Brings up one server and one site, writes to the share on one node, and reads it on the other. So guests boot, answer,
 * reach each other and mount. Removes everything again, except the boot logs of a lab that fails.
 * @throws MachineError; the reason of the signal
 */
export async function bringUpSmallestLab(engine: EngineName, signal: AbortSignal): Promise<string> {
  const run = `doctor-${process.pid}-${randomBytes(3).toString('hex')}`
  const ledger = new Ledger()
  const entry = await ledger.add(run, engine)
  try {
    await using logs = await LeasedFolder.temporary('dr-drill-doctor-')
    try {
      return await writeAndRead(engine, run, logs.path, signal, (machine) => entry.addMachine(machine))
    } catch (cause) {
      if (signal.aborted) throw signal.reason
      const message = cause instanceof Error ? cause.message : String(cause)
      throw new MachineError('lab-failed', message, { cause, remedy: `See the boot logs in ${await logs.keep()}.` })
    }
  } finally {
    await ledger.remove(run)
  }
}

async function writeAndRead(
  engineName: EngineName,
  run: string,
  logFolder: string,
  interrupted: AbortSignal,
  onMachine: NonNullable<Parameters<typeof Lab.open>[0]['onMachine']>,
): Promise<string> {
  const engine = await openEngine(engineName)
  const signal = AbortSignal.any([interrupted, AbortSignal.timeout(120_000)])
  await using lab = await Lab.open({ engine, run, name: 'lab-1', logFolder, signal, onMachine })
  const nodes = [
    { name: 'appliance', role: 'appliance' as const },
    { name: 'compute-1', role: 'compute' as const },
  ]
  const site = { name: 'probe', distribution: 'kolla', version: '6.1', shares: [shareName], nodes }
  await lab.add(planTopology({ shares: [{ share: shareName }], sites: [site] }))
  const { appliance, computes, plan } = lab.site('probe')
  const [compute] = computes
  const [mounted] = plan.shares
  if (compute === undefined || mounted === undefined)
    throw new Error('the smallest lab has no compute node or no share')
  const file = `${mounted.mountPath}/probe`
  await appliance.shell.run(
    { script: 'printf %s "$2" >"$1"; sync "$1"', args: [file, run] },
    { user: plan.user, signal },
  )
  const { stdout } = await compute.shell.run(['cat', file], { user: plan.user, signal })
  if (stdout !== run)
    throw new MachineError('share-differs', `one node wrote "${run}" to the share, but the other read "${stdout}"`)
  const { stdout: kernel } = await compute.shell.run(['uname', '-r'])
  return `three guests booted kernel ${kernel.trim()}; two nodes share a file`
}
