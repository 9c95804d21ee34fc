import { type Bind, bindAsBytes, keptLine } from './bind-line.ts'
import { withBind, withText } from './block.ts'
import { type BootRemark, type BootVerdict, bootVerdict } from './boot-verdict.ts'
import { type Fstab, realLines } from './fstab.ts'

/** The effect of fstab on a bind when a node boots. */
export interface BindInFstab {
  /** True if the origin path shows the share after a boot. */
  readonly isKeptInFstab: boolean
  /** False if the product mounts the share, or a person by hand. */
  readonly isLocalInFstab: boolean
  /** If it is kept, what can go wrong. If not, why the lines for the origin path do not bind it. A sentence each, perhaps with a line to copy. */
  readonly fstabRemarks?: readonly string[]
  /** Why a line of ours would not bind it either. Undefined if it would. */
  readonly whyNoLine?: { readonly why: string; readonly remedy: string }
}

/** Judges fstab as it is, and as it would be with our line. */
export function bindInFstab(fstab: Fstab, { local, origin }: Bind): BindInFstab {
  const bind = bindAsBytes({ local, origin })
  const now = bootVerdict(fstab, bind)
  const added = withLine(fstab, bind)
  const alone = withLine(withoutLinesAt(fstab, bind.origin), bind)
  const ours = keptLine({ local, origin }, fstab.isSystemd)
  return {
    isKeptInFstab: now.isKept,
    isLocalInFstab: !alone.remarks.some(({ cause }) => cause === 'share-absent' || cause === 'share-on-request'),
    ...(now.remarks.length > 0 && { fstabRemarks: now.remarks.map(({ sentence }) => sentence) }),
    ...(!added.isKept && { whyNoLine: whyNoLine(now.remarks, added.remarks, ours) }),
  }
}

function withLine(fstab: Fstab, bind: Bind): BootVerdict {
  return bootVerdict(withText(fstab, withBind(fstab, bind)), bind)
}

function withoutLinesAt(fstab: Fstab, path: string): Fstab {
  const there = new Set(realLines(fstab).flatMap(({ target, number }) => (target === path ? [number] : [])))
  const lines = fstab.text.split('\n').map((line, index) => (there.has(index + 1) ? '' : line))
  return withText(fstab, lines.join('\n'))
}

/** Why our line changes nothing: another one is in its way. */
function whyNoLine(before: readonly BootRemark[], after: readonly BootRemark[], ours: string) {
  if (after.some(({ cause }) => cause === 'ignored')) {
    const [first] = before
    return {
      why: `${first?.sentence}, and systemd ignores a second line for the same mount point`,
      remedy: `Replace line ${first?.line} of /etc/fstab with:\n${ours}`,
    }
  }
  const byUnit = after.find(({ cause }) => cause === 'unit-file')
  if (byUnit !== undefined)
    return { why: byUnit.sentence, remedy: 'Keep the bind by a unit and plan without --persist, or remove that file.' }
  return {
    why: after.at(-1)?.sentence ?? 'a line in /etc/fstab would not bind it at boot',
    remedy: 'Correct /etc/fstab, and run this command again.',
  }
}
