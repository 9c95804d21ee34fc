import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Programs that a recovery finds in PATH. */
const inPath = ['sh', 'qemu-img']

/**
 * Programs that run those of this machine, except that the one that is started as the nth of all hangs until it is killed.
 * `folder` comes first in PATH, and `mountScript` puts the one for the system's Python in its place.
 */
export class HangingPrograms implements Disposable {
  readonly folder = mkdtempSync(join(tmpdir(), 'hanging-'))

  constructor() {
    for (const name of inPath) this.#write(name, `exec ${name} "$@"`)
    this.#write('python3', 'exec -a /usr/bin/python3 "$here/python3.real" "$@"')
    chmodSync(this.folder, 0o777)
    this.hangAt(undefined)
  }

  /** Begins to count anew. @param number undefined for none */
  hangAt(number: number | undefined): void {
    for (const name of ['started', 'hangs']) rmSync(join(this.folder, name), { force: true })
    writeFileSync(join(this.folder, 'at'), `${number ?? 'none'}`)
  }

  get hasHung(): boolean {
    return existsSync(join(this.folder, 'hangs'))
  }

  /** The programs that were started, in their order. */
  get started(): readonly string[] {
    const path = join(this.folder, 'started')
    return existsSync(path) ? readFileSync(path, 'utf8').trim().split('\n') : []
  }

  get mountScript(): string {
    return `python=$(readlink -f /usr/bin/python3); cp "$python" ${this.folder}/python3.real
      mount --bind ${this.folder}/python3 "$python"`
  }

  [Symbol.dispose](): void {
    rmSync(this.folder, { recursive: true, force: true })
  }

  #write(name: string, run: string): void {
    const path = join(this.folder, name)
    writeFileSync(
      path,
      `#!/bin/bash
here=${this.folder}
exec 9>>"$here/lock"; flock 9
echo ${name} >>"$here/started"
number=$(wc -l <"$here/started")
exec 9>&-
if [ "$number" = "$(cat "$here/at")" ]; then : >"$here/hangs"; exec sleep 1000; fi
PATH=\${PATH#$here:}
${run}
`,
    )
    chmodSync(path, 0o755)
  }
}
