import { hostname, userInfo } from 'node:os'
import { MachineError } from '../errors.ts'
import { isAlive, type ProcessIdentity, parseIdentity, thisProcess } from '../lab/process-identity.ts'
import type { Member } from './team.ts'

const lock = '/run/dr-drill-recovery'

/** Says who holds it where it is taken, and exits with 9. It goes with a reboot. */
const take = `
if ! mkdir "$1" 2>/dev/null; then
  if [ -z "$3" ] || [ "$(cat "$1/owner" 2>/dev/null)" != "$3" ]; then cat "$1/owner" 2>/dev/null || :; exit 9; fi
fi
printf %s "$2" >"$1/owner"`

/**
 * Keeps two recoveries of a node apart, whoever carries them out, and from wherever. What a process of this machine left
 * that is gone is taken over.
 * @throws MachineError that says who holds it
 */
export async function lockNode({ where, shell }: Member): Promise<AsyncDisposable> {
  const identity = await thisProcess()
  const mine = JSON.stringify({ by: `${userInfo().username}@${hostname()}`, at: new Date().toISOString(), identity })
  let { exitCode, stdout } = await shell.try({ script: take, args: [lock, mine, ''] })
  if (exitCode === 9 && (await isOfTheDead(stdout, identity)))
    ({ exitCode, stdout } = await shell.try({ script: take, args: [lock, mine, stdout] }))
  if (exitCode === 9)
    throw new MachineError(
      'locked',
      `${where}: another recovery is under way there: ${stdout || 'nobody knows whose'}`,
      {
        remedy: `Wait for it. If it is gone: rm -r ${lock} (there)`,
      },
    )
  if (exitCode !== 0) throw new MachineError('lock', `${where}: the lock ${lock} cannot be taken`)
  return {
    [Symbol.asyncDispose]: async () => {
      await shell
        .try({ script: '[ "$(cat "$1/owner")" != "$2" ] || rm -rf -- "$1"', args: [lock, mine] })
        .catch(() => {})
    },
  }
}

async function isOfTheDead(owner: string, self: ProcessIdentity): Promise<boolean> {
  try {
    const identity = parseIdentity(JSON.stringify((JSON.parse(owner) as { identity?: unknown }).identity))
    return identity !== undefined && identity.bootId === self.bootId && !(await isAlive(identity))
  } catch {
    return false
  }
}
