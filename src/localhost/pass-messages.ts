import type { ChildProcess } from 'node:child_process'
import type { Socket } from 'node:net'

/**
 * Prints what a child process writes to its standard error, as text of this process: its output is guarded, and that of
 * the child is not. This process does not wait for the child.
 */
export function passMessages({ stderr }: Pick<ChildProcess, 'stderr'>): void {
  stderr?.setEncoding('utf8').on('data', (text: string) => process.stderr.write(text))
  // The type does not show that it is a socket. It is missing if the process could not be started.
  const socket = stderr as Socket | null
  socket?.unref?.()
}
