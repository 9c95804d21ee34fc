import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

const home = '/usr/lib/postgresql'

/** The folder of Debian's PostgreSQL. Undefined if it is not installed. */
export const postgresPrograms = (): string | undefined =>
  (existsSync(home) ? readdirSync(home) : [])
    .toSorted((a, b) => Number(b) - Number(a))
    .map((version) => join(home, version, 'bin'))
    .find((folder) => existsSync(join(folder, 'initdb')))

/** PostgreSQL refuses to run as root. */
const nobody = 65534
const asUser = process.getuid?.() === 0 ? { uid: nobody, gid: nobody } : {}

/** A PostgreSQL server of its own, on a free port of this host. */
export class PostgresServer implements AsyncDisposable {
  readonly #programs: string
  readonly #folder: string
  readonly port: number
  #process: ChildProcess | undefined

  private constructor(programs: string, folder: string, port: number) {
    this.#programs = programs
    this.#folder = folder
    this.port = port
  }

  static async start(): Promise<PostgresServer> {
    const programs = postgresPrograms()
    if (programs === undefined) throw new Error('PostgreSQL is not installed')
    const folder = mkdtempSync(join(tmpdir(), 'verify-postgres-'))
    if ('uid' in asUser) chownSync(folder, nobody, nobody)
    const options = { ...asUser, cwd: folder, stdio: 'ignore' } as const
    execFileSync(
      join(programs, 'initdb'),
      ['-D', join(folder, 'data'), '-U', 'drill', '-A', 'trust', '--no-sync'],
      options,
    )
    const server = new PostgresServer(programs, folder, await freePort())
    await server.resume()
    return server
  }

  get url(): string {
    return `postgres://drill@127.0.0.1:${this.port}/postgres`
  }

  /** Ends the server as a lost machine does. */
  async kill(): Promise<void> {
    const child = this.#process
    this.#process = undefined
    if (child?.pid === undefined) return
    const exit = once(child, 'exit')
    // Its processes for connections are children of the first, in its group.
    process.kill(-child.pid, 'SIGKILL')
    await exit
  }

  /** Starts it, again after `kill`. */
  async resume(): Promise<void> {
    const args = ['-D', join(this.#folder, 'data'), '-p', `${this.port}`, '-h', '127.0.0.1', '-k', this.#folder]
    this.#process = spawn(
      join(this.#programs, 'postgres'),
      [...args, '-c', 'fsync=off', '-c', 'dynamic_shared_memory_type=mmap'],
      {
        ...asUser,
        cwd: this.#folder,
        stdio: 'ignore',
        detached: true,
      },
    )
    for (let tries = 0; ; tries++) {
      try {
        execFileSync(join(this.#programs, 'pg_isready'), ['-h', '127.0.0.1', '-p', `${this.port}`], { stdio: 'ignore' })
        return
      } catch (error) {
        if (tries === 300) throw error
        await sleep(100)
      }
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill()
    rmSync(this.#folder, { recursive: true, force: true })
  }
}

async function freePort(): Promise<number> {
  const server = createServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  return typeof address === 'object' && address !== null ? address.port : 0
}
