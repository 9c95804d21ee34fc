import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { dirname } from 'node:path'
import { abortable } from '../concurrency/abortable.ts'
import { killChild } from '../localhost/kill-child.ts'
import { makeOwnFolder } from '../localhost/own-folder.ts'
import { passMessages } from '../localhost/pass-messages.ts'
import { neverStopped } from '../shell/stopped-by.ts'
import type { PrintLine } from './steps.ts'

/**
 * Waits for other setups to finish, and makes others wait until it is disposed. A `flock` process holds the lock and exits
 * when its input is closed, so the lock is released even if this process is killed.
 *
 * @throws MachineError if the folder of the file cannot be created; the reason of the signal
 */
export async function lockSetup(
  file: string,
  print: PrintLine,
  signal: AbortSignal = neverStopped,
): Promise<AsyncDisposable> {
  makeOwnFolder(dirname(file), 'XDG_STATE_HOME', 0o700)
  const holder = spawn('flock', [file, 'sh', '-c', 'echo locked; exec cat >/dev/null'], {
    stdio: 'pipe',
  })
  passMessages(holder)
  const waiting = setTimeout(() => print('waiting for another setup to finish'), 300)
  try {
    // Without `flock`, setups run side by side: this is safe, only slower.
    await abortable(Promise.race([once(holder.stdout, 'data'), once(holder, 'close')]), signal).catch(() => undefined)
    if (signal.aborted) {
      killChild(holder, 'SIGKILL')
      throw signal.reason
    }
  } finally {
    clearTimeout(waiting)
  }
  return {
    [Symbol.asyncDispose]: async () => {
      if (holder.pid === undefined || holder.exitCode !== null) return
      const closed = once(holder, 'close')
      holder.stdin.end()
      await closed
    },
  }
}
