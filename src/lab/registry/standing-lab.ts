import { chmod } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { InputError } from '../../errors.ts'
import { LeasedFolder } from '../../localhost/leased-folder.ts'
import { makeFolders } from '../../localhost/make-folders.ts'
import { setUpManager } from '../appliance/set-up-manager.ts'
import { runVariable } from '../engine/engine.ts'
import { openEngine } from '../engine/open-engine.ts'
import { Lab } from '../lab.ts'
import type { Topology } from '../topology/topology.ts'
import { type LabAccess, writeAccess } from './access.ts'
import { Ledger } from './ledger.ts'
import { tidy } from './tidy.ts'

export interface StandingLabOptions {
  readonly topology: Topology
  /** The name of the lab, which must be new. */
  readonly run: string
  readonly engine: string
  /** Aborts the start. */
  readonly signal: AbortSignal
  /** A new folder for the files that lead into the lab. Undefined for one in the state folder. */
  readonly folder?: string
  /** Prints a line for people. */
  readonly print: (line: string) => void
}

/** A lab for experiments, which lives as long as this process. */
export class StandingLab implements AsyncDisposable {
  readonly run: string
  readonly access: LabAccess
  readonly #stack: AsyncDisposableStack

  private constructor(run: string, access: LabAccess, stack: AsyncDisposableStack) {
    this.run = run
    this.access = access
    this.#stack = stack
  }

  /** Brings a lab up with all shares mounted. @throws after it has removed everything that it created */
  static async bringUp({
    topology,
    run,
    engine: name,
    signal,
    folder,
    print,
  }: StandingLabOptions): Promise<StandingLab> {
    const engine = await openEngine(name)
    await engine.check()
    const tidied = await tidy(engine)
    if (tidied !== undefined) print(tidied)
    await using stack = new AsyncDisposableStack()
    const ledger = new Ledger()
    // The ledger comes first: from here on, the run counts as alive.
    const entry = await ledger.add(run, engine.name)
    stack.defer(() => ledger.remove(run))
    process.env[runVariable] = run
    const leased = stack.use(await makeFolder(folder ?? ledger.filesOf(run)))
    const lab = stack.use(
      await Lab.open({
        engine,
        run,
        name: 'lab-1',
        logFolder: join(leased.path, 'boot'),
        signal,
        onMachine: (machine) => entry.addMachine(machine),
        onSite: setUpManager,
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
    // It contains a key.
    await chmod(path, 0o700)
    return leased
  } catch (cause) {
    throw new InputError(`cannot create the folder ${path}: ${(cause as Error).message}`, { cause })
  }
}
