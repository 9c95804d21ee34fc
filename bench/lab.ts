import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Engine, type EngineName, type GuestSpec, managementNetwork } from '../src/lab/engine/engine.ts'
import { openEngine } from '../src/lab/engine/open-engine.ts'
import { Lab, type LabEntry } from '../src/lab/lab.ts'
import type { Times } from './comparison.ts'
import { runScript } from './script.ts'
import { siteTopology } from './topology.ts'

const scripts: Readonly<Record<EngineName, string>> = {
  container: 'lab-by-hand.sh',
  embedded: 'lab-by-hand-embedded.sh',
}

/** Measures a lab started by dr-drill, and the same lab started by a script, with the same image and seeds. */
export class LabBench implements Disposable {
  readonly #folder = mkdtempSync(join(tmpdir(), 'dr-drill-bench-'))
  readonly #signal: AbortSignal

  readonly #engine: EngineName

  constructor(engine: EngineName, signal: AbortSignal) {
    this.#engine = engine
    this.#signal = signal
  }

  /** Starts the lab with dr-drill, and records what `byHand` needs. */
  async byTool(): Promise<Times> {
    const engine = this.#recording(await openEngine(this.#engine))
    const startedMs = performance.now()
    const lab = await Lab.open({
      engine,
      run: `bench-${process.pid}`,
      name: 'lab-1',
      logFolder: join(this.#folder, 'boot'),
      signal: this.#signal,
      onMachine: async (entry) => this.#recordMachine(entry),
    })
    let readyMs: number
    try {
      await lab.add(siteTopology)
    } finally {
      readyMs = performance.now()
      await lab[Symbol.asyncDispose]()
    }
    return timesOf(readyMs - startedMs, performance.now() - readyMs)
  }

  /** Starts the lab with `lab-by-hand.sh`. */
  async byHand(): Promise<Times> {
    const image = (await (await openEngine(this.#engine)).image()) ?? ''
    const script = join(import.meta.dirname, scripts[this.#engine])
    const management = `${managementNetwork.hub}/${managementNetwork.prefixLength}`
    const output = await runScript(['bash', script, image, this.#folder, management], this.#signal)
    const [upMs = Number.NaN, downMs = Number.NaN] = output.trim().split(' ').map(Number)
    return timesOf(upMs, downMs)
  }

  [Symbol.dispose](): void {
    rmSync(this.#folder, { recursive: true, force: true })
  }

  #recording(engine: Engine): Engine {
    return {
      name: engine.name,
      check: () => engine.check(),
      host: () => engine.host(),
      connectTo: (hubId, address, port) => engine.connectTo(hubId, address, port),
      image: () => engine.image(),
      buildImage: (build) => engine.buildImage(build),
      removeImages: (dryRun) => engine.removeImages(dryRun),
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

const timesOf = (upMs: number, downMs: number): Times => ({ up: upMs, down: downMs, total: upMs + downMs })
