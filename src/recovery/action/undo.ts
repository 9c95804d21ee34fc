import { readFileSync } from 'node:fs'
import { DrillError } from '../../errors.ts'
import { program } from '../../image/program.ts'
import { python } from '../../shell/python.ts'
import { type Argv, type Shell, succeeded } from '../../shell/shell.ts'
import type { Fate, Inverse } from './actions.ts'
import type { AppliedAction } from './apply.ts'
import { forget } from './keep.ts'

export interface FateOfAction extends Fate {
  readonly applied: AppliedAction
}

/** What was done cannot be taken back as things are on the node: it stays. */
class StaysError extends DrillError {
  constructor(where: string, why: string) {
    super('failure', 'stays', `${where}: ${why}`)
    this.name = 'StaysError'
  }
}

/**
 * Takes actions back, the last one first. What stands against one leaves the others.
 * @throws the first of what stood against one
 */
export async function undo(shell: Shell, applied: readonly AppliedAction[]): Promise<void> {
  const first = (await undoEach(shell, applied)).find(({ state }) => state === 'stays')
  if (first?.why !== undefined) throw new StaysError(shell.where, first.why)
}

/**
 * The same: lines of fstab, and then the rest.
 * @param isOnlyLooked says what would come of it, and changes nothing. Who uses a mount is not seen then.
 * @returns in the order in which they are taken back
 * @throws ShellError when the node cannot be asked at all, CommandError when it cannot do it
 */
export async function undoEach(
  shell: Shell,
  applied: readonly AppliedAction[],
  isOnlyLooked = false,
): Promise<readonly FateOfAction[]> {
  const fates = new Map<AppliedAction, Fate>()
  const made: { applied: AppliedAction; step: MadeStep }[] = []
  for (const one of applied.toReversed()) {
    const step = one.inverse
    if (step.kind === 'nothing') fates.set(one, { state: 'gone' })
    else if (step.kind === 'forget') fates.set(one, await forgetStep(shell, step, isOnlyLooked))
    else made.push({ applied: one, step })
  }
  const steps = made.map(({ step }) => step)
  for (const [index, fate] of (await unmake(shell, steps, isOnlyLooked)).entries()) {
    const one = made[index]
    if (one !== undefined) fates.set(one.applied, fate)
  }
  const unsaid: Fate = { state: 'stays', why: 'nothing was said of it' }
  return applied.toReversed().map((one) => ({ applied: one, ...(fates.get(one) ?? unsaid) }))
}

async function forgetStep(shell: Shell, step: ForgetStep, isOnlyLooked: boolean): Promise<Fate> {
  const fate = await forget(shell, step, { isCutShort: step.isCutShort === true, isOnlyLooked })
  return fate.why === undefined
    ? fate
    : { ...fate, why: `the line for ${step.origin} in /etc/fstab stays: ${fate.why}` }
}

type ForgetStep = Extract<Inverse, { kind: 'forget' }>
type MadeStep = Extract<Inverse, { kind: 'remove-directories' | 'unbind' }>

const source = readFileSync(new URL('./take_back.py', import.meta.url), 'utf8')

/** Whose mounts are its own can unmount, and look below, where nothing is to be changed. */
const aside: Argv = ['unshare', '--mount', '--propagation', 'private', '--', ...python]

/** Directories and mounts. What was begun need not have been done: taking back what is not there changes nothing. */
async function unmake(shell: Shell, steps: readonly MadeStep[], isOnlyLooked: boolean): Promise<readonly Fate[]> {
  if (steps.length === 0) return []
  const stdin = program({ take_back: source }, { steps, isOnlyLooked })
  const { stdout } = succeeded(await shell.try(isOnlyLooked ? aside : python, { stdin, captureBytes: 16 * 2 ** 20 }))
  return stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Fate)
}
