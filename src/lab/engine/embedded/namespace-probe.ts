import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { release } from 'node:os'
import { promisify } from 'node:util'
import { MachineError } from '../../../errors.ts'
import { systemPath } from '../system-path.ts'
import { isolate } from './namespace.ts'

/** A script that needs all rights that a lab needs: for mounts, a network and processes. */
const trial = 'mount -t tmpfs trial /tmp && mount --bind /proc /tmp && [ $$ = 1 ]'

/** Switches that forbid namespaces to ordinary users, and the settings that allow them. */
const switches = [
  {
    file: '/proc/sys/kernel/unprivileged_userns_clone',
    forbids: (value: string) => value === '0',
    setting: 'kernel.unprivileged_userns_clone=1',
  },
  {
    file: '/proc/sys/user/max_user_namespaces',
    forbids: (value: string) => value === '0',
    setting: 'user.max_user_namespaces=15000',
  },
  {
    file: '/proc/sys/kernel/apparmor_restrict_unprivileged_userns',
    forbids: (value: string) => value === '1',
    setting: 'kernel.apparmor_restrict_unprivileged_userns=0',
  },
] as const

/** Tries to create the namespaces of a lab. @throws MachineError with the cause and a remedy */
export async function requireNamespaces(): Promise<{ readonly version: string }> {
  const [program = '', ...args] = isolate(trial)
  try {
    await promisify(execFile)(program, args, { env: { PATH: systemPath }, timeout: 10_000 })
    return { version: `Linux ${release()}` }
  } catch (cause) {
    const { stderr = '', message } = cause as { stderr?: string; message: string }
    const why = stderr.trim() || message
    throw new MachineError('namespaces-forbidden', `this user may not create namespaces: ${why}`, {
      cause,
      remedy: await remedy(),
    })
  }
}

async function remedy(): Promise<string> {
  for (const { file, forbids, setting } of switches) {
    const value = await readFile(file, 'utf8').catch(() => '')
    if (forbids(value.trim())) return `Use --engine container, or run as an administrator: ${keeping(setting)}`
  }
  return 'Use --engine container, or, if this is a container, allow user namespaces in its seccomp profile.'
}

const keptIn = '/etc/sysctl.d/99-dr-drill.conf'

/** Returns the command that applies a setting now and at every boot. */
function keeping(setting: string): string {
  return `echo '${setting}' | sudo tee -a ${keptIn} && sudo sysctl -p ${keptIn}`
}
