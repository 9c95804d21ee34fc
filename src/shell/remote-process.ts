import { randomUUID } from 'node:crypto'
import type { Duplex, Readable } from 'node:stream'
import { abortable } from '../concurrency/abortable.ts'
import type { Exit, Process } from './process.ts'
import { quote } from './quote.ts'
import type { Argv } from './shell.ts'

/** A session channel of an SSH connection, after its request to execute a line was accepted. */
export interface Channel extends Duplex {
  readonly stderr: Readable
  close(): void
}

/**
 * The line that a host's login shell is given. It tells its process id and then waits for a go, so that who started it
 * knows whether the command began, and whom to stop; then it becomes the command. OpenSSH's server has made it the
 * leader of a session and a process group of its own already: another `setsid` would only cost a process.
 */
export function remoteLine(argv: Argv): { readonly line: string; readonly marker: string } {
  const marker = `dr-drill-${randomUUID()}`
  return { marker, line: `echo ${marker} $$ >&2; read -r go && exec ${quote(argv)}` }
}

/**
 * The line that signals a process group, or a lone process where the server makes no groups. Built into any shell; what
 * runs by sudo takes signals from root only.
 */
export function killLine(pid: number, signal: 'SIGTERM' | 'SIGKILL', sudo = false): string {
  const name = signal.slice('SIG'.length)
  if (sudo) return `sudo -n kill -s ${name} -- -${pid} 2>/dev/null`
  // Not `kill -TERM --`: dash takes no `--` there.
  return `kill -s ${name} -- -${pid} 2>/dev/null || kill -s ${name} ${pid} 2>/dev/null`
}

export interface RemoteProcessOptions {
  readonly marker: string
  /** Until the go; afterwards it has no say. */
  readonly signal: AbortSignal
  /** Whether the connection under the channel is gone: then what looks like an end is none. */
  readonly isLost: () => boolean
  readonly kill: (pid: number, signal: 'SIGTERM' | 'SIGKILL') => Promise<void>
  readonly abandon: () => void
}

/**
 * Waits until the login shell is there, and lets it become the command.
 * @throws when it is certain that the command has not begun
 */
export async function startRemoteProcess(channel: Channel, options: RemoteProcessOptions): Promise<Process> {
  const exit = exitOf(channel, options.isLost)
  // Nobody waits for it if the start fails.
  exit.catch(() => {})
  try {
    const pid = await abortable(readPid(channel, options.marker), options.signal)
    const startedAt = performance.now()
    channel.write('go\n')
    return {
      startedAt,
      stdin: channel,
      stdout: channel,
      stderr: channel.stderr,
      exit,
      kill: (signal) => options.kill(pid, signal),
      abandon: options.abandon,
    }
  } catch (reason) {
    channel.resume()
    channel.stderr.resume()
    channel.close()
    throw reason
  }
}

function exitOf(channel: Channel, isLost: () => boolean): Promise<Exit> {
  return new Promise((resolve, reject) => {
    let exit: Exit | undefined
    channel.once('exit', (exitCode: number | null, signal: string | null) => {
      exit = exitCode === null ? { exitCode, signal: signal ?? 'an unknown signal' } : { exitCode, signal: null }
    })
    channel.once('close', () => {
      if (isLost()) reject(new Error('the connection was lost while the command ran'))
      else if (exit === undefined) reject(new Error('the server did not tell how the command ended'))
      else resolve(exit)
    })
  })
}

/** What a login shell prints of its own is dropped; after the marker nothing comes before the go. */
function readPid({ stderr }: Channel, marker: string): Promise<number> {
  return new Promise((resolve, reject) => {
    let seen = Buffer.alloc(0)
    const read = () => {
      for (let chunk = stderr.read(); chunk !== null; chunk = stderr.read()) seen = Buffer.concat([seen, chunk])
      const at = seen.indexOf(marker)
      const end = at < 0 ? -1 : seen.indexOf('\n', at)
      if (end < 0) return
      stderr.off('readable', read)
      resolve(Number(seen.toString('latin1', at + marker.length, end)))
    }
    stderr.on('readable', read)
    stderr.once('end', () => reject(new Error(`the login shell ended at once: ${seen.toString().trim()}`)))
  })
}
