import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const program = fileURLToPath(new URL('slow-opens.fixture.py', import.meta.url))

/** Why no file system can be made to be silent here, for `skip`; or false. */
export function noSilence(): string | false {
  const folder = mkdtempSync(join(tmpdir(), 'silence-'))
  const probe = spawnSync('python3', [program, 'never', folder], { input: '', encoding: 'utf8' })
  rmdirSync(folder)
  return probe.status !== 0 && `not run: no file system can be made to be silent here: ${probe.stderr}`
}

/** What is in these folders is not opened until this is disposed of. */
export function silence(...folders: readonly string[]): Promise<Disposable> {
  return slowOpens('never', folders)
}

/** What is in these folders is opened so many milliseconds later, until this is disposed of. @throws where that cannot be had */
export async function slowOpens(milliseconds: number | 'never', folders: readonly string[]): Promise<Disposable> {
  const child = spawn('python3', [program, `${milliseconds}`, ...folders], { stdio: ['pipe', 'pipe', 'inherit'] })
  const [said] = await Promise.race([once(child.stdout, 'data'), once(child, 'exit')])
  if (!(said instanceof Buffer)) throw new Error('no opens can be made slow here')
  return { [Symbol.dispose]: () => child.kill('SIGKILL') }
}
