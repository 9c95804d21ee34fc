import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import {
  chmodSync,
  chownSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { canInstallPackages, installCommand } from '../../setup/packages.ts'

const program = fileURLToPath(new URL('./keystone-server.fixture.py', import.meta.url))
const debianPackage = 'python3-keystone'
// That of Debian: others have no access to its packages.
const python = '/usr/bin/python3'
const installed = '/usr/lib/python3/dist-packages'
const isRoot = process.getuid?.() === 0
const nobody = 65534

/** Debian's keystone as Python finds it, or why there is none. */
export type KeystoneCode = { readonly path: string } | { readonly missing: string }

/**
 * Finds Debian's keystone: the installed one, or its packages in a folder of their own. They are downloaded with apt-get
 * and unpacked, but not installed: none of their scripts runs, and nothing of this machine changes.
 */
export function keystoneCode(): KeystoneCode {
  if (existsSync(`${installed}/keystone/server/flask/core.py`)) return { path: installed }
  if (!existsSync('/usr/bin/apt-get') || !existsSync(python))
    return { missing: `not run: needs Debian's package ${debianPackage}. ${installCommand([debianPackage])}` }
  // Users without a home read it there, too.
  const cache = `/var/tmp/dr-drill-tests-${process.getuid?.()}`
  const folder = `${cache}/keystone`
  const path = `${folder}${installed}`
  mkdirSync(cache, { recursive: true, mode: 0o755 })
  if (lstatSync(cache).uid !== process.getuid?.()) return { missing: `not run: ${cache} belongs to another user` }
  if (existsSync(folder)) return { path }
  const half = mkdtempSync(`${cache}/half-`)
  try {
    const problem = download(half) ?? unpack(half)
    if (problem !== undefined)
      return { missing: `not run: Debian's package ${debianPackage} cannot be downloaded: ${problem}` }
    chmodSync(`${half}/root`, 0o755)
    if (!existsSync(folder)) renameSync(`${half}/root`, folder)
    // Compiles what it imports. Later, it runs as a user who cannot write there.
    run(python, ['-c', 'import keystone.server.flask.core, keystone.cmd.bootstrap'], { PYTHONPATH: path })
    return { path }
  } finally {
    rmSync(half, { recursive: true, force: true })
  }
}

function download(folder: string): string | undefined {
  mkdirSync(`${folder}/archives/partial`, { recursive: true })
  const own = ['-o', `Dir::Cache::Archives=${folder}/archives`, '-o', 'Debug::NoLocking=1', '-o', 'APT::Sandbox::User=']
  const get = () =>
    run('apt-get', ['-qq', ...own, '--download-only', '--no-install-recommends', '-y', 'install', debianPackage])
  const problem = get()
  if (problem === undefined || !canInstallPackages()) return problem
  // The lists may be missing, or older than the archive.
  run('apt-get', ['-qq', '-o', 'DPkg::Lock::Timeout=120', 'update'])
  return get()
}

function unpack(folder: string): string | undefined {
  mkdirSync(`${folder}/root`)
  for (const file of readdirSync(`${folder}/archives`).filter((name) => name.endsWith('.deb'))) {
    const problem = run('dpkg-deb', ['-x', `${folder}/archives/${file}`, `${folder}/root`])
    if (problem !== undefined) return problem
  }
  return undefined
}

/** Returns why a program failed. */
function run(command: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): string | undefined {
  const { status, stderr, error } = spawnSync(command, args, {
    env: { PATH: process.env['PATH'], DEBIAN_FRONTEND: 'noninteractive', ...env },
    encoding: 'utf8',
    timeout: 300_000,
  })
  return status === 0 ? undefined : (error?.message ?? stderr.trim().split('\n').at(-1) ?? `exit code ${status}`)
}

/** A Keystone of its own, with one user: admin. */
export class KeystoneServer implements AsyncDisposable {
  readonly url: string
  readonly password: string
  readonly #stop: () => Promise<void>

  private constructor(port: number, password: string, stop: () => Promise<void>) {
    this.url = `http://127.0.0.1:${port}/v3`
    this.password = password
    this.#stop = stop
  }

  /** Starts it as a user without rights, in a temporary folder. */
  static async start(path: string): Promise<KeystoneServer> {
    const folder = mkdtempSync(join(tmpdir(), 'keystone-test-'))
    if (isRoot) chownSync(folder, nobody, nobody)
    const password = `secret-${process.pid}`
    const child = spawn(python, [program, folder, password], {
      cwd: folder,
      env: { PATH: process.env['PATH'], HOME: folder, PYTHONPATH: path, PYTHONDONTWRITEBYTECODE: '1' },
      stdio: ['pipe', 'pipe', 'pipe'],
      ...(isRoot && { uid: nobody, gid: nobody }),
    })
    let messages = ''
    child.stderr.on('data', (chunk) => {
      messages = `${messages}${chunk}`.slice(-4000)
    })
    const exit = once(child, 'exit')
    const stop = async () => {
      child.kill('SIGKILL')
      await exit
      rmSync(folder, { recursive: true })
    }
    const [first] = (await Promise.race([once(child.stdout, 'data'), exit.then(() => [undefined])])) as [unknown]
    const port = Number(first)
    if (port > 0) return new KeystoneServer(port, password, stop)
    await stop()
    throw new Error(`keystone does not start: ${messages}`)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stop()
  }
}
