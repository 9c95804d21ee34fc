import { within } from '../concurrency/deadline.ts'
import { InputError, MachineError } from '../errors.ts'
import type { Machine } from '../lab/machine/machine.ts'
import type { Action } from '../recovery/action/kinds.ts'
import type { ActionWatcher } from './preparation.ts'

/** The moment of a recovery at which its node goes down. */
export interface Moment {
  readonly text: string
  readonly how: 'loses its power' | 'is rebooted'
  readonly when: 'after' | 'while'
  readonly action: Action['kind']
}

const actions: ReadonlyMap<string, Action['kind']> = new Map([
  ['the directory is made', 'make-directory'],
  ['the origin path is bound', 'bind'],
  ['fstab is written', 'persist'],
])

export const knownMoments: readonly string[] = [
  ...[...actions.keys()].flatMap((action) => [`loses its power after ${action}`, `is rebooted after ${action}`]),
  'loses its power while fstab is written',
]

/** Parses `loses its power while fstab is written`. @throws InputError that lists all moments */
export function parseMoment(text: string): Moment {
  const [, how, when, what] = /^(loses its power|is rebooted) (after|while) (.*)$/.exec(text) ?? []
  const action = actions.get(what ?? '')
  const isWhile = when === 'while'
  if (action === undefined || (isWhile && (how !== 'loses its power' || action !== 'persist')))
    throw new InputError(`unknown moment of a recovery ${JSON.stringify(text)}`, {
      remedy: `Known: ${knownMoments.join('; ')}.`,
    })
  return { text, how: how as Moment['how'], when: isWhile ? 'while' : 'after', action }
}

/**
 * Takes a node down in the middle of its own recovery, and boots it again.
 * @param recover carries the recovery out, and rejects when its node is gone
 * @returns the proof that it booted again
 */
export async function interrupt(
  node: Machine,
  { how, when, action }: Moment,
  recover: (watch: ActionWatcher) => Promise<void>,
): Promise<unknown> {
  const bootBefore = await bootOf(node)
  if (when === 'while') {
    const { halted } = await haltOnceWritten(node, '/etc', 'fstab.dr-drill')
    const recovery = recover(() => {}).then(
      () => undefined,
      (error: Error) => `was cut off: ${error.message}`,
    )
    await within(60_000, `${node.where} to write its fstab`, halted)
    await node.powerCut()
    const ended = await recovery
    await node.start()
    return proofOf(node.where, { ended, bootBefore, boot: await bootOf(node) })
  }
  const goDown = new Error(`${node.where} goes down`)
  const ended = await recover((done, state) => {
    if (done.kind === action && state === 'done') throw goDown
  }).then(
    () => undefined,
    (error: unknown) => {
      if (error !== goDown) throw error
      return `stopped after ${action}`
    },
  )
  if (how === 'is rebooted') await node.reboot()
  else await node.powerCut().then(() => node.start())
  return proofOf(node.where, { ended, bootBefore, boot: await bootOf(node) })
}

/** Shows that a node went down in the middle of its recovery. */
interface Proof {
  /** How its recovery ended. Undefined if it finished. */
  readonly ended: string | undefined
  readonly bootBefore: string
  readonly boot: string
}

/** @throws MachineError if the node did not go down, or went down too late: then nothing was tested */
export function proofOf(where: string, proof: Proof): Proof {
  const { ended, bootBefore, boot } = proof
  if (ended === undefined)
    throw new MachineError('fault-without-effect', `the recovery of ${where} finished before the node went down`)
  if (boot === bootBefore) throw new MachineError('fault-without-effect', `${where} did not go down: ${ended}`)
  return proof
}

async function bootOf({ shell }: Machine): Promise<string> {
  return (await shell.run(['cat', '/proc/sys/kernel/random/boot_id'])).stdout.trim()
}

/** Stops all processes of a node as soon as a file of a folder is written. `halted` settles when they are stopped. */
async function haltOnceWritten(
  { name, shell, log }: Machine,
  folder: string,
  file: string,
): Promise<{ halted: Promise<void> }> {
  const line = `dr-drill: ${name} is halted`
  const halted = log.next(line)
  await shell.run({
    script: `setsid chrt -f 1 perl -e '${halter}' "$@" </dev/null >/dev/null 2>&1 &`,
    args: [folder, file, line],
  })
  return { halted }
}

/**
 * The file is written within some milliseconds, so inotify reports it, and the program runs before the writer (`chrt`).
 * Its kernel calls, by number: inotify_init, inotify_add_watch (for IN_MODIFY), and kill with SIGSTOP for all processes but
 * itself and init.
 */
const halter = `
my ($folder, $file, $line) = @ARGV;
my $watch = syscall(253);
syscall(254, $watch, $folder, 2);
open my $events, "<&=", $watch;
do { sysread $events, $event, 4096 } until index($event, $file) >= 0;
syscall(62, -1, 19);
open my $console, ">", "/dev/console";
print $console "$line\\n";
`
