import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { killChild } from '../localhost/kill-child.ts'
import { makeSocketFolder, type WatchedFolder } from '../localhost/watched-folder.ts'
import type { Argv } from '../shell/shell.ts'

/**
 * A shell with the server as its only child. It waits for the end of its standard input, which comes when this process
 * ends, however it does. Then it ends the server and removes the folder of the socket and its record. Only the server
 * holds its standard error: when that closes, the server has exited. The child is not reaped before it is ended, so
 * that its process id cannot belong to another process.
 */
const keeper = `
umask 077
folder=$1
record=$2
shift 2
"$@" --socket="$folder/socket" </dev/null >/dev/null &
server=$!
exec >/dev/null 2>&1
cat
kill -9 $server
wait $server
rm -rf -- "$folder" "$record"
`

const maxErrorBytes = 16 * 1024
const pollMs = 4
const maxLastWordsMs = 200
/** How long to wait for the end before leaving it to the keeper: a silent file system may block it. */
const maxEndMs = 2000

/** A program that serves NBD on a socket of this user, for as long as this process lives. */
export class NbdServer implements AsyncDisposable {
  readonly #keeper: ChildProcess
  readonly #end: Promise<unknown>
  readonly #socket: string
  #errorOutput = ''
  #isGone = false
  #isDisposed = false

  private constructor(server: Argv, { path, record = '', env }: WatchedFolder) {
    this.#socket = `${path}/socket`
    // In a session of its own, so that it can remove the folder when the process group of this process is killed.
    this.#keeper = spawn('/bin/sh', ['-c', keeper, 'dr-drill', path, record, ...server], {
      detached: true,
      cwd: '/',
      env,
      stdio: ['pipe', 'pipe', 'pipe'],
    })
    const { stdin, stdout, stderr } = this.#keeper
    stdin?.on('error', () => {})
    stdout?.resume()
    stderr?.on('data', (bytes: Buffer) => {
      if (this.#errorOutput.length < maxErrorBytes) this.#errorOutput += bytes.toString('utf8')
    })
    stderr?.on('close', () => {
      this.#isGone = true
    })
    this.#end = once(this.#keeper, 'close').catch(() => {
      this.#isGone = true
    })
  }

  /** Starts a server. @param server takes `--socket=PATH` as its last argument */
  static async start(server: Argv): Promise<NbdServer> {
    return new NbdServer(server, await makeSocketFolder('dr-drill-nbd-'))
  }

  /** The error output of the server. */
  get errorOutput(): string {
    return this.#errorOutput.trim()
  }

  /**
   * Waits for the socket, without a limit.
   * @returns undefined if the server exited; see `errorOutput`
   */
  async ready(): Promise<string | undefined> {
    while (!this.#isDisposed) {
      if (existsSync(this.#socket)) return this.#socket
      if (this.#isGone) return undefined
      await sleep(pollMs)
    }
    return undefined
  }

  /** True if the server exited, now or within a moment, so that its error output is complete. */
  async hasEnded(): Promise<boolean> {
    for (let waitedMs = 0; waitedMs < maxLastWordsMs && !this.#isGone; waitedMs += pollMs) await sleep(pollMs)
    return this.#isGone
  }

  /** Ends the server. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#isDisposed = true
    this.#keeper.stdin?.end()
    // It may have been stopped.
    killChild(this.#keeper, 'SIGCONT')
    const isEnded = await Promise.race([this.#end.then(() => true), sleep(maxEndMs, false, { ref: false })])
    if (isEnded) return
    for (const stream of [this.#keeper.stdout, this.#keeper.stderr]) stream?.destroy()
    this.#keeper.unref()
  }
}
