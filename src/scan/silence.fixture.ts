import { spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, rmdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const program = fileURLToPath(new URL('silent.fixture.py', import.meta.url))

/** Why no file system can be made to be silent here, for `skip`; or false. */
export function noSilence(): string | false {
  const folder = mkdtempSync(join(tmpdir(), 'silence-'))
  const probe = spawnSync('python3', [program, folder], { input: '', encoding: 'utf8' })
  rmdirSync(folder)
  return probe.status !== 0 && `not run: no file system can be made to be silent here: ${probe.stderr}`
}

/** What is in these folders is not opened until this is disposed of. */
export async function silence(...folders: readonly string[]): Promise<Disposable> {
  const child = spawn('python3', [program, ...folders], { stdio: ['pipe', 'pipe', 'inherit'] })
  await new Promise((resolve) => child.stdout.once('data', resolve))
  return { [Symbol.dispose]: () => child.kill('SIGKILL') }
}
