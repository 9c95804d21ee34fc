import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Lets this process create its temporary files in a folder of its own, until it is disposed of. */
export class OwnTemporaryFolder implements Disposable {
  readonly path = mkdtempSync(join(tmpdir(), 'own-'))
  readonly #before = process.env['TMPDIR']

  constructor() {
    process.env['TMPDIR'] = this.path
  }

  get names(): readonly string[] {
    return readdirSync(this.path)
  }

  [Symbol.dispose](): void {
    if (this.#before === undefined) delete process.env['TMPDIR']
    else process.env['TMPDIR'] = this.#before
    rmSync(this.path, { recursive: true, force: true })
  }
}
