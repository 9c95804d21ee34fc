import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Argv } from '../shell/shell.ts'

/**
 * A shell with a folder for the socket, and the server as its only child. It waits for the end of its standard input,
 * which comes when this process ends, however it does. Then it ends the server and removes the folder. Only the server
 * holds its standard error: when that closes, the server has exited. The child is not reaped before it is ended, so
 * that its process id cannot belong to another process.
 */
const keeper = `
umask 077
folder=$(mktemp -d "$1/dr-drill-nbd-XXXXXX") || exit 1
shift
"$@" --socket="$folder/socket" </dev/null >/dev/null &
server=$!
printf '%s\\n' "$folder"
exec >/dev/null 2>&1
cat
kill -9 $server
wait $server
rm -rf -- "$folder"
`

/** The maximum length of the path of a Unix socket. */
const maxSocketPathBytes = 107
const maxErrorBytes = 16 * 1024
const pollMs = 4
const maxLastWordsMs = 200
/** How long to wait for the end before leaving it to the keeper: a silent file system may block it. */
const maxEndMs = 2000

/** A program that serves NBD on a socket of this user, for as long as this process lives. */
export class NbdServer implements AsyncDisposable {
  readonly #keeper: ChildProcess
  readonly #end: Promise<unknown>
  readonly #folder: Promise<string>
  #errorOutput = ''
  #isGone = false
  #isDisposed = false

  /** @param server takes `--socket=PATH` as its last argument */
  constructor(server: Argv) {
    const folder = Buffer.byteLength(tmpdir()) > maxSocketPathBytes - 40 ? '/tmp' : tmpdir()
    // In a session of its own, so that it can remove the folder when the process group of this process is killed.
    this.#keeper = spawn('/bin/sh', ['-c', keeper, 'dr-drill', folder, ...server], {
      detached: true,
      cwd: '/',
      stdio: ['pipe', 'pipe', 'pipe'],
    })
    const { stdin, stdout, stderr } = this.#keeper
    stdin?.on('error', () => {})
    this.#folder = firstLine(stdout)
    this.#folder.catch(() => {})
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

  /** The error output of the server. */
  get errorOutput(): string {
    return this.#errorOutput.trim()
  }

  /**
   * Waits for the socket, without a limit.
   * @returns undefined if the server exited; see `errorOutput`
   */
  async ready(): Promise<string | undefined> {
    const folder = await this.#folder.catch(() => undefined)
    if (folder === undefined) return undefined
    const socket = `${folder}/socket`
    while (!this.#isDisposed) {
      if (existsSync(socket)) return socket
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
    const isEnded = await Promise.race([this.#end.then(() => true), sleep(maxEndMs, false, { ref: false })])
    if (isEnded) return
    for (const stream of [this.#keeper.stdout, this.#keeper.stderr]) stream?.destroy()
    this.#keeper.unref()
  }
}

async function firstLine(stream: NodeJS.ReadableStream | null): Promise<string> {
  let text = ''
  for await (const piece of stream ?? []) {
    text += piece.toString()
    if (text.includes('\n')) break
  }
  const [line] = text.split('\n')
  if (line === undefined || line === '') throw new Error('cannot create a folder for a socket')
  return line
}
