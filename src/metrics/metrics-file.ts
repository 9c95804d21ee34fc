import { accessSync, constants, statSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { InputError, MachineError } from '../errors.ts'
import { writeWhole } from '../localhost/write-whole.ts'
import { type Gauge, openMetrics } from './open-metrics.ts'

/** A file of metrics, which a scraper may read at any time. */
export class MetricsFile {
  readonly #path: string

  /** Checks the place before any work is done. @throws InputError if its folder does not exist or is not writable */
  constructor(path: string) {
    this.#path = resolve(path)
    const folder = dirname(this.#path)
    try {
      if (!statSync(folder).isDirectory()) throw new Error('not a directory')
      accessSync(folder, constants.W_OK | constants.X_OK)
    } catch (error) {
      throw new InputError(`cannot write metrics to ${path}: ${(error as Error).message}`, {
        cause: error,
        remedy: 'Create the folder, or choose another file: --metrics FILE',
      })
    }
    if (statSync(this.#path, { throwIfNoEntry: false })?.isDirectory() === true)
      throw new InputError(`cannot write metrics to ${path}: it is a directory`, {
        remedy: 'Name a file in it, e.g. dr-drill.prom.',
      })
  }

  /** Replaces the file atomically. @throws MachineError if it cannot be written */
  write(gauges: readonly Gauge[]): void {
    try {
      writeWhole(this.#path, openMetrics(gauges))
    } catch (error) {
      throw new MachineError('metrics-unwritable', `cannot write ${this.#path}: ${(error as Error).message}`, {
        cause: error,
      })
    }
  }
}
