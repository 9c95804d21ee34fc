import { execFileSync } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { dockerClient } from '../src/lab/engine/container/client.ts'
import { requireGuestImage } from '../src/lab/engine/container/image.ts'
import { type Engine, type GuestSpec, managementNetwork } from '../src/lab/engine/engine.ts'
import { openEngine } from '../src/lab/engine/open-engine.ts'
import { Lab, type LabEntry } from '../src/lab/lab.ts'
import { planTopology } from '../src/lab/topology.ts'

export interface UpAndDown {
  readonly upMs: number
  readonly downMs: number
}

/** One server and three nodes, each with its share mounted. */
const topology = planTopology({
  shares: [{ share: '10.10.2.20:/upstream' }],
  sites: [
    {
      name: 'site',
      distribution: 'juju',
      version: '4.1',
      shares: ['10.10.2.20:/upstream'],
      nodes: [
        { name: 'appliance', role: 'appliance' },
        { name: 'compute-1', role: 'compute' },
        { name: 'compute-2', role: 'compute' },
      ],
    },
  ],
})

/** A lab as a drill has it, and the same by hand, from the same image and with the same seeds. */
export class LabBench implements Disposable {
  readonly #folder = mkdtempSync(join(tmpdir(), 'dr-drill-bench-'))

  /** By the code of dr-drill. Leaves what `byHand` needs. */
  async byTool(): Promise<UpAndDown> {
    const engine = this.#recording(await openEngine('container'))
    const startedMs = performance.now()
    const lab = await Lab.open({
      engine,
      run: `bench-${process.pid}`,
      name: 'lab-1',
      logFolder: join(this.#folder, 'boot'),
      signal: AbortSignal.timeout(120_000),
      onMachine: async (entry) => this.#recordMachine(entry),
    })
    let readyMs: number
    try {
      await lab.add(topology)
    } finally {
      readyMs = performance.now()
      await lab[Symbol.asyncDispose]()
    }
    return { upMs: readyMs - startedMs, downMs: performance.now() - readyMs }
  }

  /** By `lab-by-hand.sh`. */
  async byHand(): Promise<UpAndDown> {
    const image = await requireGuestImage(await dockerClient())
    const script = join(import.meta.dirname, 'lab-by-hand.sh')
    const management = `${managementNetwork.hub}/${managementNetwork.prefixLength}`
    const output = execFileSync('bash', [script, image, this.#folder, management], {
      encoding: 'utf8',
      timeout: 120_000,
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const [upMs = Number.NaN, downMs = Number.NaN] = output.trim().split(' ').map(Number)
    return { upMs, downMs }
  }

  [Symbol.dispose](): void {
    rmSync(this.#folder, { recursive: true, force: true })
  }

  #recording(engine: Engine): Engine {
    return {
      name: engine.name,
      check: () => engine.check(),
      connectTo: (hubId, address, port) => engine.connectTo(hubId, address, port),
      residue: () => engine.residue(),
      remove: (residue) => engine.remove(residue),
      openHub: async (options) => {
        const hub = await engine.openHub(options)
        return {
          id: hub.id,
          connect: (address, port) => hub.connect(address, port),
          [Symbol.asyncDispose]: () => hub[Symbol.asyncDispose](),
          addGuest: (spec) => {
            this.#recordSeed(spec)
            return hub.addGuest(spec)
          },
        }
      },
    }
  }

  #recordSeed({ number, memoryMib, seed }: GuestSpec): void {
    const folder = join(this.#folder, String(number), 'machine', 'seed')
    mkdirSync(folder, { recursive: true })
    for (const { name, content, mode } of seed) {
      writeFileSync(join(folder, name), content)
      chmodSync(join(folder, name), mode)
    }
    writeFileSync(join(this.#folder, String(number), 'memory'), String(memoryMib))
    writeFileSync(join(this.#folder, String(number), 'address'), managementNetwork.addressOf(number))
  }

  #recordMachine({ clientPrivateKey }: LabEntry): void {
    writeFileSync(join(this.#folder, 'key'), clientPrivateKey, { mode: 0o600 })
  }
}
