import { quoteWord } from '../../shell/quote.ts'
import type { Shell } from '../../shell/shell.ts'
import { bindInFstab } from '../fstab/bind-in-fstab.ts'
import { type Bind, bindAsBytes, keptLine } from '../fstab/bind-line.ts'
import { isKept, whyNotToAdd, withBind, withoutBind } from '../fstab/block.ts'
import type { Fstab } from '../fstab/fstab.ts'
import { fstabOf, replaceFstab } from '../fstab/fstab-file.ts'
import { whyNoRoomForFstab } from '../fstab/fstab-room.ts'
import type { ActionKind, Sight, UndoOutcome } from './action-kind.ts'
import { unless } from './script-lines.ts'

/** Keeps the bind in /etc/fstab, in a marked block at its end. */
export interface Persist extends Bind {
  readonly kind: 'persist'
}

export interface BeforePersist {
  /** True if fstab had the bind already. */
  readonly present?: boolean
  /** True if the last line of fstab had no newline. */
  readonly isCutShort?: boolean
}

export interface Forget extends Bind {
  readonly kind: 'forget'
  readonly isCutShort?: boolean
}

export const persist: ActionKind<Persist, BeforePersist, Forget> = {
  sentence: ({ local, origin }) => `keep the bind of ${local} to ${origin} in /etc/fstab`,
  // The file is written anew beside the old one and renamed, which is no command that one could paste.
  details: (action, { isSystemd }) => ['replaces /etc/fstab, with this line added:', keptLine(action, isSystemd)],
  script: (action) => {
    // Options that only systemd knows do no harm elsewhere.
    const line = quoteWord(keptLine(action, true))
    return {
      checks: [
        unless(
          '{ [ -f /etc/fstab ] && ! [ -L /etc/fstab ] && [ -w /etc/fstab ]; }',
          '/etc/fstab is not a file that can be written',
        ),
      ],
      changes: [
        '[ -z "$(tail -c 1 /etc/fstab)" ] || echo >>/etc/fstab',
        `grep -qxF -e ${line} /etc/fstab || printf '%s\\n' ${line} >>/etc/fstab`,
      ],
    }
  },
  parts: (action) => [action],
  check: async (shell, actions) => {
    const reasons: (string | undefined)[] = []
    for (const action of actions) {
      const { before, refusal } = await lookAtFstab(shell, action)
      reasons.push(refusal ?? (before?.present === true ? undefined : await whyNoRoomForFstab(shell)))
    }
    return reasons
  },
  look: lookAtFstab,
  carryOut: async (shell, action, { present }) => {
    if (present === true) return undefined
    const fstab = await fstabOf(shell)
    const { text, whyNot } = fstab
    const why = whyNot ?? whyNotToAdd(text) ?? (await replaceFstab(shell, text, withBind(fstab, bindAsBytes(action))))
    return why ?? whyInVain(await fstabOf(shell), action)
  },
  wasDone: ({ present }) => present === true,
  inverse: ({ local, origin }, { present, isCutShort }) =>
    present === true ? { kind: 'nothing' } : { kind: 'forget', local, origin, ...(isCutShort && { isCutShort }) },
  undoSentence: ({ action: { local, origin } }) => `remove the bind of ${local} to ${origin} from /etc/fstab`,
  undoDetails: () => [],
  undo: async (shell, applied, { isPreview }) => {
    const outcomes: UndoOutcome<Persist>[] = []
    for (const { inverse } of applied)
      outcomes.push(inverse.kind === 'nothing' ? { state: 'already gone' } : await forget(shell, inverse, isPreview))
    return outcomes
  },
}

/** Why a line would not bind it at boot. Undefined if it would, or if only the share is not mounted by fstab. */
function whyInVain(fstab: Fstab, action: Bind): string | undefined {
  const { isLocalInFstab, whyNoLine } = bindInFstab(fstab, action)
  return isLocalInFstab ? whyNoLine?.why : undefined
}

async function lookAtFstab(shell: Shell, action: Persist): Promise<Sight<BeforePersist>> {
  const fstab = await fstabOf(shell)
  const { text } = fstab
  if (withBind(fstab, bindAsBytes(action)) === text) return { before: { present: true } }
  const refusal = fstab.whyNot ?? whyNotToAdd(text) ?? whyInVain(fstab, action)
  if (refusal !== undefined) return { refusal }
  return { before: text !== '' && !text.endsWith('\n') ? { isCutShort: true } : {} }
}

/** Removes the line that was added, and what a power cut left beside fstab. */
async function forget(shell: Shell, step: Forget, isPreview: boolean): Promise<UndoOutcome<Persist>> {
  const { text, whyNot } = await fstabOf(shell)
  const without = withoutBind(text, bindAsBytes(step))
  const kept = (why: string) => ({
    state: 'kept' as const,
    why: `the line for ${step.origin} in /etc/fstab is kept: ${why}`,
  })
  if (isKept(without, bindAsBytes(step))) return kept('it is not in a block of dr-drill any more')
  const state = without === text ? 'already gone' : 'undone'
  if (state === 'undone' && whyNot !== undefined) return kept(whyNot)
  if (isPreview) return { state }
  const isWhole = without === text || step.isCutShort !== true || !without.endsWith('\n')
  const why = await replaceFstab(shell, text, isWhole ? without : without.slice(0, -1))
  return why === undefined ? { state } : kept(why)
}
