import { spawn } from 'node:child_process'
import { killChild } from '../localhost/kill-child.ts'
import { interruptedBy, onInterrupt } from '../run/interrupts.ts'

/** Set in the environment of a holder: a process whose lab can outlive the command. */
const holderVariable = 'DR_DRILL_HOLDER'

/** The holder's message to its parent at the end of the run. */
interface RunEnd {
  readonly exitCode: number
}

/** True in a holder. */
export const isHolder = (): boolean => process.env[holderVariable] === '1' && process.send !== undefined

/**
 * Runs this command again in a holder, and returns the exit code of the run. The leases of a lab belong to the process
 * that starts it, so the holder starts a lab that can be kept. It lives as long as the lab.
 */
export async function runInHolder(): Promise<number> {
  const holder = spawn(process.execPath, process.argv.slice(1), {
    detached: true,
    env: { ...process.env, [holderVariable]: '1' },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  })
  holder.stdout?.pipe(process.stdout)
  holder.stderr?.pipe(process.stderr)
  const forward = (signal: NodeJS.Signals) => killChild(holder, signal)
  using _interrupts = onInterrupt({
    first: (_error, signal) => forward(signal),
    second: (_error, signal) => {
      forward(signal)
      process.exit(130)
    },
  })
  const exitCode = await new Promise<number>((resolve, reject) => {
    holder.on('error', reject)
    holder.on('message', (end: RunEnd) => resolve(end.exitCode))
    holder.on('exit', (code) => resolve(code ?? 3))
  })
  holder.stdout?.destroy()
  holder.stderr?.destroy()
  if (holder.connected) holder.disconnect()
  holder.unref()
  return exitCode
}

/** Ends the run of this holder if the parent exits before the end of the run. */
export function endWithParent(): void {
  // After the parent has exited, nothing reads the output.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {})
  process.once('disconnect', () => process.kill(process.pid, 'SIGTERM'))
}

/** Reports an exit code to the parent of this holder, which exits with it. From then on, the holder lives alone. */
export async function releaseParent(exitCode: number): Promise<void> {
  process.removeAllListeners('disconnect')
  await new Promise((resolve) => process.send?.({ exitCode } satisfies RunEnd, resolve))
}

/** Reports the end of the run to the parent of this holder, and waits for a signal. */
export async function holdUntilSignal(exitCode: number): Promise<void> {
  const { promise: ended, resolve } = Promise.withResolvers<void>()
  using _interrupts = onInterrupt({ first: () => resolve(), second: () => process.exit(130) })
  if (interruptedBy() !== undefined) resolve()
  await releaseParent(exitCode)
  const timer = setInterval(() => {}, 60_000)
  await ended
  clearInterval(timer)
}
