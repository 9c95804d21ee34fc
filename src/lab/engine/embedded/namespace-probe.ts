import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { release } from 'node:os'
import { promisify } from 'node:util'
import { MachineError } from '../../../errors.ts'
import { isolate, systemPath } from './namespace.ts'

/** Needs every right that a lab needs: mounts, a network, a process tree of its own. */
const trial = 'mount -t tmpfs trial /tmp && mount --bind /proc /tmp && [ $$ = 1 ]'

/** Switches that keep ordinary users from having namespaces, with the values that do. */
const switches = [
  {
    file: '/proc/sys/kernel/unprivileged_userns_clone',
    forbids: (value: string) => value === '0',
    remedy: 'sudo sysctl -w kernel.unprivileged_userns_clone=1',
  },
  {
    file: '/proc/sys/user/max_user_namespaces',
    forbids: (value: string) => value === '0',
    remedy: 'sudo sysctl -w user.max_user_namespaces=15000',
  },
  {
    file: '/proc/sys/kernel/apparmor_restrict_unprivileged_userns',
    forbids: (value: string) => value === '1',
    remedy: 'sudo sysctl -w kernel.apparmor_restrict_unprivileged_userns=0',
  },
] as const

/** Tries to make the namespaces of a lab. @throws MachineError that says what forbids them and what to do */
export async function requireNamespaces(): Promise<{ readonly version: string }> {
  const [program = '', ...args] = isolate(trial)
  try {
    await promisify(execFile)(program, args, { env: { PATH: systemPath }, timeout: 10_000 })
    return { version: `Linux ${release()}` }
  } catch (cause) {
    const { stderr = '', message } = cause as { stderr?: string; message: string }
    const why = stderr.trim() || message
    throw new MachineError('namespaces-forbidden', `this user may not have namespaces of its own here: ${why}`, {
      cause,
      remedy: await remedy(),
    })
  }
}

async function remedy(): Promise<string> {
  for (const { file, forbids, remedy } of switches) {
    const value = await readFile(file, 'utf8').catch(() => '')
    if (forbids(value.trim())) return `${remedy}   (as an administrator; or use a container engine: --engine container)`
  }
  return 'in a container, allow it user namespaces (its seccomp profile forbids them); or use --engine container'
}
