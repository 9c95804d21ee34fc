import { randomUUID } from 'node:crypto'
import type { Duplex, Readable } from 'node:stream'
import { abortable } from '../concurrency/abortable.ts'
import type { Exit, Process } from './process.ts'
import { quote } from './quote.ts'
import type { Argv } from './shell.ts'

/** A session channel of an SSH connection whose request to run a line was accepted. */
export interface Channel extends Duplex {
  readonly stderr: Readable
  close(): void
}

/**
 * Returns the line for a host's login shell. The shell prints its process id, waits for `go`, and becomes the command. So
 * the caller knows whether the command began, and which process group to stop. OpenSSH's server has already made the
 * shell the leader of a process group, so no `setsid` is needed.
 */
export function remoteLine(argv: Argv): { readonly line: string; readonly marker: string } {
  const marker = `dr-drill-${randomUUID()}`
  return { marker, line: `echo ${marker} $$ >&2; read -r go && exec ${quote(argv)}` }
}

/**
 * Returns the line that signals a process group, or a single process if the server makes no groups. It uses the `kill`
 * built into any shell. A command that runs by sudo accepts signals from root only.
 */
export function killLine(pid: number, signal: 'SIGTERM' | 'SIGKILL', sudo = false): string {
  const name = signal.slice('SIG'.length)
  if (sudo) return `sudo -n kill -s ${name} -- -${pid} 2>/dev/null`
  // dash does not accept `kill -TERM --`.
  return `kill -s ${name} -- -${pid} 2>/dev/null || kill -s ${name} ${pid} 2>/dev/null`
}

export interface RemoteProcessOptions {
  readonly marker: string
  /** Interrupts the start. It has no effect on a command that has begun. */
  readonly signal: AbortSignal
  /** True if the connection is lost. A channel that closes then says nothing about the command. */
  readonly isLost: () => boolean
  readonly kill: (pid: number, signal: 'SIGTERM' | 'SIGKILL') => Promise<void>
  readonly abandon: () => void
}

/**
 * Waits for the login shell, and lets it become the command.
 * @throws only if the command has certainly not begun
 */
export async function startRemoteProcess(channel: Channel, options: RemoteProcessOptions): Promise<Process> {
  const exit = exitOf(channel, options.isLost)
  // Handles the rejection in case the start fails.
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
      else if (exit === undefined) reject(new Error('the server did not report how the command ended'))
      else resolve(exit)
    })
  })
}

/** Reads the process id, and discards what the login shell prints before. Nothing follows the marker before `go`. */
function readPid({ stderr }: Channel, marker: string): Promise<number> {
  return new Promise((resolve, reject) => {
    let seen = Buffer.alloc(0)
    const read = () => {
      for (let chunk = stderr.read(); chunk !== null; chunk = stderr.read()) seen = Buffer.concat([seen, chunk])
      const at = seen.indexOf(marker)
      const end = at < 0 ? -1 : seen.indexOf('\n', at)
      if (end < 0) {
        seen = Buffer.from(seen.subarray(-4096))
        return
      }
      stderr.off('readable', read)
      resolve(Number(seen.toString('latin1', at + marker.length, end)))
    }
    stderr.on('readable', read)
    stderr.once('end', () => reject(new Error(`the login shell exited at once: ${seen.toString().trim()}`)))
  })
}
