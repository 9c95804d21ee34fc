import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { dirname } from 'node:path'
import { makeOwnFolder } from '../localhost/own-folder.ts'
import type { Say } from './step.ts'

/**
 * Waits until no other set-up is at work, and keeps others waiting until disposed of. The lock is held by a `flock`
 * that ends with the pipe to it, so it is free as soon as we are gone, however we went.
 * @throws MachineError when there is nowhere to keep it
 */
export async function lockSetup(file: string, say: Say): Promise<AsyncDisposable> {
  makeOwnFolder(dirname(file), 'XDG_STATE_HOME', 0o700)
  const holder = spawn('flock', [file, 'sh', '-c', 'echo locked; exec cat >/dev/null'], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const waiting = setTimeout(() => say('waiting for another set-up, which is at work'), 300)
  try {
    // Without a `flock` there is nothing to wait for: steps are safe one by one, only slower twice.
    await Promise.race([once(holder.stdout, 'data'), once(holder, 'close')]).catch(() => undefined)
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
