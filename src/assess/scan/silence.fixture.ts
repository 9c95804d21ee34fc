import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const program = fileURLToPath(new URL('slow-opens.fixture.py', import.meta.url))

/** Why no file system can be made silent here, for `skip`; false if one can. */
export function noSilence(): string | false {
  const folder = mkdtempSync(join(tmpdir(), 'silence-'))
  const probe = spawnSync('python3', [program, 'never', folder], { input: '', encoding: 'utf8' })
  rmdirSync(folder)
  return probe.status !== 0 && `not run: no file system can be made silent here: ${probe.stderr}`
}

/** Blocks opening anything in these folders, until disposed of. */
export function silence(...folders: readonly string[]): Promise<Disposable> {
  return slowOpens('never', folders)
}

/** Delays opening anything in these folders, until disposed of. @throws if this machine cannot do that */
export async function slowOpens(milliseconds: number | 'never', folders: readonly string[]): Promise<Disposable> {
  const child = spawn('python3', [program, `${milliseconds}`, ...folders], { stdio: ['pipe', 'pipe', 'inherit'] })
  const [said] = await Promise.race([once(child.stdout, 'data'), once(child, 'exit')])
  if (!(said instanceof Buffer)) throw new Error('opening files cannot be delayed here')
  return { [Symbol.dispose]: () => child.kill('SIGKILL') }
}
