import { spawn } from 'node:child_process'

/** Set for the process that holds a lab that may be kept. */
const holderVariable = 'DR_DRILL_HOLDER'

/** What the holder tells its parent when the run is over. */
interface Over {
  readonly exitCode: number
}

export const isHolder = (): boolean => process.env[holderVariable] === '1' && process.send !== undefined

/**
 * Runs this command once more, in a process that can outlive this one: a lab's leases belong to the process that
 * started it, so a lab that is to be kept is started by its holder from the beginning. Ends with the run's exit code;
 * the holder stays as long as it keeps a lab.
 */
export async function runInHolder(): Promise<number> {
  const holder = spawn(process.execPath, process.argv.slice(1), {
    detached: true,
    env: { ...process.env, [holderVariable]: '1' },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  })
  holder.stdout?.pipe(process.stdout)
  holder.stderr?.pipe(process.stderr)
  const forward = (signal: NodeJS.Signals): void => {
    holder.kill(signal)
  }
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, forward)
  const exitCode = await new Promise<number>((resolve, reject) => {
    holder.on('error', reject)
    holder.on('message', (over: Over) => resolve(over.exitCode))
    holder.on('exit', (code) => resolve(code ?? 3))
  })
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.off(signal, forward)
  holder.stdout?.destroy()
  holder.stderr?.destroy()
  if (holder.connected) holder.disconnect()
  holder.unref()
  return exitCode
}

/** In the holder: when the parent goes before the run is over, so does the run. */
export function endWithParent(): void {
  // Nobody reads what is said after the parent has gone.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {})
  process.once('disconnect', () => process.kill(process.pid, 'SIGTERM'))
}

/** In the holder: tells the parent that the run is over, and stays until it is told to end. */
export async function holdUntilTold(exitCode: number): Promise<void> {
  process.removeAllListeners('disconnect')
  await new Promise((resolve) => process.send?.({ exitCode } satisfies Over, resolve))
  await new Promise<void>((resolve) => {
    const timer = setInterval(() => {}, 60_000)
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
      process.once(signal, () => {
        clearInterval(timer)
        resolve()
      })
  })
}
