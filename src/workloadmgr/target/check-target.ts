import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import type { BackupTarget } from '../manager-config.ts'

/** A target and whether it can be reached from this machine. */
export interface TargetReachability {
  readonly target: BackupTarget
  readonly status: 'online' | 'offline'
  /** Why it is offline. */
  readonly problem?: string
}

/** How long a killed process may take to end. */
const killMs = 500

/** The default deadline for an answer of a share. */
const targetDeadlineMs = 10_000

/**
 * Finds out whether a target can be reached: its mount path is listed, by a process of its own that is killed at the
 * deadline. A thread of this process would hang with the share. An empty folder where nothing is mounted is offline.
 */
export async function checkTarget(target: BackupTarget, deadlineMs = targetDeadlineMs): Promise<TargetReachability> {
  const { mountPath } = target
  const offline = (problem: string): TargetReachability => ({ target, status: 'offline', problem })
  const options = { timeout: deadlineMs, killSignal: 'SIGKILL', maxBuffer: 2 ** 16, env: { LC_ALL: 'C' } } as const
  const { promise, resolve } = Promise.withResolvers<TargetReachability>()
  // The slash makes `ls` list a folder that a link leads to. -U does not sort, so that the first names come at once.
  const child = execFile('/bin/ls', ['-U', '-a', '--', `${mountPath}/`], options, (error, stdout, stderr) => {
    const isEmpty = stdout
      .trim()
      .split('\n')
      .every((name) => name === '.' || name === '..')
    // The buffer is full: it has more names than are needed.
    if (error?.code === 'ERR_CHILD_PROCESS_STDIO_MAXBUFFER') resolve({ target, status: 'online' })
    else if (error?.killed) resolve(offline(`${mountPath} does not answer within ${deadlineMs / 1000} s`))
    else if (error) resolve(offline(stderr.trim().replace(/^\/bin\/ls: /, '') || error.message))
    else if (isEmpty && !isMountPoint(mountPath)) resolve(offline(`nothing is mounted at ${mountPath}`))
    else resolve({ target, status: 'online' })
  })
  // A process that hangs on a dead share may exist for a while after it was killed.
  child.unref()
  const timer = setTimeout(() => {
    child.stdout?.destroy()
    child.stderr?.destroy()
    resolve(offline(`${mountPath} does not answer within ${deadlineMs / 1000} s`))
  }, deadlineMs + killMs)
  return promise.finally(() => clearTimeout(timer))
}

/** @param deadlineMs of all of them together */
export async function checkTargets(
  targets: readonly BackupTarget[],
  deadlineMs = targetDeadlineMs,
): Promise<readonly TargetReachability[]> {
  return Promise.all(targets.map((target) => checkTarget(target, deadlineMs)))
}

function isMountPoint(path: string): boolean {
  const mounts = readFileSync('/proc/self/mountinfo', 'utf8').split('\n')
  return mounts.some((line) => unescapeMount(line.split(' ')[4] ?? '') === path)
}

const unescapeMount = (text: string): string =>
  text.replaceAll(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)))
