import type { ChildProcess } from 'node:child_process'

/**
 * Signals a child process, if it was started. Node.js signals our own process group instead if a process could not be
 * started for lack of file descriptors.
 */
export function killChild(child: Pick<ChildProcess, 'pid' | 'kill'>, signal: NodeJS.Signals = 'SIGTERM'): void {
  if (child.pid !== undefined) child.kill(signal)
}
