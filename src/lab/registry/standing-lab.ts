import { chmod } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { InputError } from '../../errors.ts'
import { LeasedFolder } from '../../localhost/leased-folder.ts'
import { makeFolders } from '../../localhost/make-folders.ts'
import { runVariable } from '../engine/engine.ts'
import { openEngine } from '../engine/open-engine.ts'
import { Lab } from '../lab.ts'
import type { Topology } from '../topology/topology.ts'
import { type LabAccess, writeAccess } from './access.ts'
import { Ledger, stateFolder } from './ledger.ts'

export interface StandingLabOptions {
  readonly topology: Topology
  /** Its name: new, and unique. */
  readonly run: string
  readonly engine: string
  /** Ends bringing it up. */
  readonly signal: AbortSignal
  /** For the files that lead into it; must not be there. Default: in the state folder. */
  readonly folder?: string
}

/** A lab that stands for whoever wants to try something in it, as long as this process does. */
export class StandingLab implements AsyncDisposable {
  readonly run: string
  readonly access: LabAccess
  readonly #stack: AsyncDisposableStack

  private constructor(run: string, access: LabAccess, stack: AsyncDisposableStack) {
    this.run = run
    this.access = access
    this.#stack = stack
  }

  /** Its shares are mounted when it is there. @throws after removing all there was of it */
  static async bringUp({ topology, run, engine: name, signal, folder }: StandingLabOptions): Promise<StandingLab> {
    const engine = await openEngine(name)
    await engine.check()
    await using stack = new AsyncDisposableStack()
    const ledger = new Ledger()
    // In the ledger first: from here on this run is known to live.
    const entry = await ledger.add(run, engine.name)
    stack.defer(() => ledger.remove(run))
    process.env[runVariable] = run
    const leased = stack.use(await makeFolder(folder ?? join(stateFolder(), 'labs', run)))
    const lab = stack.use(
      await Lab.open({
        engine,
        run,
        name: 'lab-1',
        logFolder: join(leased.path, 'boot'),
        signal,
        onMachine: (machine) => entry.addMachine(machine),
      }),
    )
    await lab.add(topology)
    const access = await writeAccess(lab, run, leased.path)
    signal.throwIfAborted()
    await entry.keep()
    return new StandingLab(run, access, stack.move())
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stack.disposeAsync()
  }
}

async function makeFolder(path: string): Promise<LeasedFolder> {
  try {
    makeFolders(dirname(path), 0o700)
    const leased = await LeasedFolder.at(path)
    // There is a key in it.
    await chmod(path, 0o700)
    return leased
  } catch (cause) {
    throw new InputError(`the folder ${path} cannot be made: ${(cause as Error).message}`, { cause })
  }
}
