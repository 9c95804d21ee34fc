import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Argv } from '../shell/shell.ts'

/**
 * A shell that has a folder of its own for the socket, and the server as its only child. It waits for the end of its
 * standard input, which is our end, however we went; then it ends the server and removes the folder. Whoever else holds
 * its standard error is the server: when that closes, the server is gone. The child is not waited for before it is ended,
 * so that its number cannot be another's by then.
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

/** The longest path that a Unix socket can have. */
const maxSocketPathBytes = 107
const maxSaidBytes = 16 * 1024
const pollMs = 4
const maxLastWordsMs = 200
/** How long an end may take before it is left to the keeper: a file system that does not answer holds it. */
const maxEndMs = 2000

/** A program that serves NBD on a socket which only this user can reach, for as long as this process lives. */
export class NbdServer implements AsyncDisposable {
  readonly #keeper: ChildProcess
  readonly #end: Promise<unknown>
  readonly #folder: Promise<string>
  #said = ''
  #isGone = false
  #isDisposed = false

  /** @param server takes `--socket=PATH` as its last argument */
  constructor(server: Argv) {
    const folder = Buffer.byteLength(tmpdir()) > maxSocketPathBytes - 40 ? '/tmp' : tmpdir()
    // In a session of its own, so that what ends our process group does not end it before it has removed the folder.
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
      if (this.#said.length < maxSaidBytes) this.#said += bytes.toString('utf8')
    })
    stderr?.on('close', () => {
      this.#isGone = true
    })
    this.#end = once(this.#keeper, 'close').catch(() => {
      this.#isGone = true
    })
  }

  /** What it said about what is wrong. */
  get said(): string {
    return this.#said.trim()
  }

  /**
   * The socket, as soon as it is there. Whoever asks decides how long.
   * @returns undefined when the server ended instead: see `said`
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

  /** Whether it ended by itself, and so has said all that it had to say: now, or in a moment. */
  async hasEnded(): Promise<boolean> {
    for (let waitedMs = 0; waitedMs < maxLastWordsMs && !this.#isGone; waitedMs += pollMs) await sleep(pollMs)
    return this.#isGone
  }

  /** Ends it. */
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
  if (line === undefined || line === '') throw new Error('no folder for a socket could be made')
  return line
}
