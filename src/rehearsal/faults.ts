import { MachineError } from '../errors.ts'
import type { Fault } from '../fault/fault.ts'
import type { Scene } from './scene.ts'

/** The faults of the lab. */
export class Faults {
  readonly #scene: Scene

  constructor(scene: Scene) {
    this.#scene = scene
  }

  /**
   * Injects a fault, and records the proof that it took effect.
   * @returns what undoes it, where that is possible
   * @throws MachineError if it has no effect
   */
  async inject(fault: Fault): Promise<AsyncDisposable> {
    const { drill, lab } = this.#scene
    const injectedAt = new Date().toISOString()
    const injected = await fault.inject(lab)
    const { tookEffect, facts } = await fault.observe(lab)
    drill.journal.append({ kind: 'fault', fault: fault.name, subject: fault.subject, proof: facts, injectedAt })
    if (tookEffect) return injected
    const proof = JSON.stringify(facts)
    throw new MachineError('fault-without-effect', `${fault.name} of ${fault.subject} had no effect: ${proof}`)
  }
}
