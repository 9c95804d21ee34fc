import { type Bind, keptLine } from './bind-line.ts'
import { bootMounts, canMount } from './boot-mounts.ts'
import type { FstabLine } from './fields.ts'
import { type BootMount, type Fstab, hasOption, isBindLine, realLines } from './fstab.ts'
import { isNfs } from './fstab-units.ts'
import { VisibleMounts } from './visible-mounts.ts'

/** Why a line does not bind an origin path at boot, or what can happen if it does. */
export type BootCause =
  | 'on-request'
  | 'no-bind'
  | 'other-source'
  | 'ignored'
  | 'too-early'
  | 'hidden'
  | 'share-absent'
  | 'share-on-request'
  | 'share-hidden'
  | 'share-in-background'
  | 'required-by-boot'
  | 'on-access'
  | 'with-unit'
  | 'read-only'
  | 'unit-file'

/** A sentence about a line of fstab, without its full stop. */
export interface BootRemark {
  readonly cause: BootCause
  /** 0 for a remark that is about no line. */
  readonly line: number
  readonly sentence: string
}

/** What becomes of a bind when a node boots. */
export interface BootVerdict {
  /** True if the origin path shows then what is mounted at the local path. */
  readonly isKept: boolean
  /** If it is kept, what can go wrong. If not, why each line for the origin path does not bind it. */
  readonly remarks: readonly BootRemark[]
}

/** Judges fstab by the mounts that a boot makes of it, not by the spelling of its lines. */
export function bootVerdict(fstab: Fstab, bind: Bind): BootVerdict {
  const replaced = replacedByUnitFile(fstab, bind)
  if (replaced !== undefined) return { isKept: false, remarks: [replaced] }
  const mounts = bootMounts(fstab)
  const table = new VisibleMounts(mounts)
  const [share, keeper] = [table.mountedAt(bind.local), table.mountOf(bind.origin)]
  if (share !== undefined && keeper !== undefined && isSame(table, bind.local, bind.origin))
    return { isKept: true, remarks: risksOf(fstab, bind, keeper.by, share.by) }
  const lines = realLines(fstab)
  const candidates = lines.filter(({ target }) => target === bind.origin)
  return { isKept: false, remarks: candidates.map((line) => whyDead(line, { fstab, bind, lines, mounts, table })) }
}

/**
 * A unit file for the origin path or the share decides what is mounted there, and no line of fstab. It may bind the origin path,
 * mount something else, or be masked: that is for a person to see.
 */
function replacedByUnitFile({ isSystemd, unitFiles = {} }: Fstab, { local, origin }: Bind): BootRemark | undefined {
  const path = [origin, local].find((one) => Object.hasOwn(unitFiles, one))
  if (!isSystemd || path === undefined) return undefined
  const file = shown(unitFiles[path] ?? '')
  const sentence = `${file} decides what systemd mounts at ${shown(path)}, and not /etc/fstab. dr-drill does not judge that file`
  return { cause: 'unit-file', line: 0, sentence }
}

/** True if two paths show the same folder of a file system. */
function isSame(table: VisibleMounts, path: string, other: string): boolean {
  const [one, two] = [table.shownAt(path), table.shownAt(other)]
  return one.fileSystem === two.fileSystem && one.folder === two.folder
}

/** The risks of a bind that is kept. */
function risksOf({ isSystemd }: Fstab, bind: Bind, line: BootMount, share: BootMount): readonly BootRemark[] {
  const risks: BootRemark[] = []
  const add = (cause: BootCause, sentence: string) => risks.push({ cause, line: line.number, sentence })
  const name = nameOf(line)
  const local = shown(bind.local)
  const better = `Replace it with:\n${shown(keptLine(bind, isSystemd))}`
  if (line.startedBy.includes('local-fs.target requires') && !line.isAutomount)
    add(
      'required-by-boot',
      `${name} is required by the boot: it stops in emergency mode if ${local} is missing or the share does not answer, and its wait for the network can become an ordering cycle. ${better}`,
    )
  if (line.isAutomount) add('on-access', `${name} binds ${shown(bind.origin)} when it is first used`)
  const units = line.startedBy.map((one) => one.replace(/ \w+$/, ''))
  if (isSystemd && units.length > 0 && !units.some((unit) => /^(local|remote)-fs\.target$/.test(unit)))
    add('with-unit', `${name} binds ${shown(bind.origin)} only when ${units.join(' or ')} starts`)
  if (line.options.findLast((option) => option === 'ro' || option === 'rw') === 'ro')
    add('read-only', `${name} binds read-only: the product cannot merge snapshots through ${shown(bind.origin)}`)
  if (!isSystemd && isNfs(share) && hasOption(share, 'bg'))
    add(
      'share-in-background',
      `${nameOf(share)} mounts the share in the background (bg) if its server does not answer at once: ${name} then binds the empty directory ${local}`,
    )
  return risks
}

interface Boot {
  readonly fstab: Fstab
  readonly bind: Bind
  readonly lines: readonly FstabLine[]
  readonly mounts: readonly BootMount[]
  readonly table: VisibleMounts
}

/** Why a line for the origin path does not lead to the share after a boot. */
function whyDead(line: FstabLine, boot: Boot): BootRemark {
  const { fstab, bind, lines, mounts, table } = boot
  const { local, origin } = bind
  const remark = (cause: BootCause, sentence: string) => ({ cause, line: line.number, sentence })
  const name = nameOf(line)
  if (!canMount(line)) return remark('no-bind', `${name} binds nothing: it does not have the option bind`)
  if (!isBindLine(line)) return remark('other-source', `${name} mounts ${shown(line.source)} at ${shown(origin)}`)
  if (line.source !== local && !(table.mountedAt(local) && isSame(table, line.source, local)))
    return remark('other-source', `${name} binds ${shown(line.source)}, not ${shown(local)}`)
  const first = lines.find(({ target, type }) => target === origin && type !== 'swap')
  if (fstab.isSystemd && first !== undefined && first.number !== line.number)
    return remark('ignored', `systemd ignores ${name}, because line ${first.number} has the same mount point`)
  const at = mounts.findIndex(({ number }) => number === line.number)
  if (at === -1) return remark('on-request', `${name} binds nothing at boot: ${whyNotStarted(line)}`)
  if (new VisibleMounts(mounts.slice(0, at)).mountedAt(line.source) === undefined)
    return remark(...whyEmpty(line, boot, at))
  const by = table.hidden.find(({ mount }) => mount.number === line.number)?.by
  if (by !== undefined)
    return remark(
      'hidden',
      `${nameOf(by)} mounts at ${shown(by.target)} later, and hides the bind of line ${line.number}`,
    )
  return remark('share-hidden', hidesShare(table, local))
}

function hidesShare(table: VisibleMounts, local: string): string {
  const over = table.hidden.find(({ mount }) => mount.target === local)?.by
  return `${over ? nameOf(over) : 'another mount'} hides the share at ${shown(local)}`
}

function whyNotStarted(line: FstabLine): string {
  return hasOption(line, 'noauto') ? 'it has the option noauto' : 'the boot does not start it'
}

/** Why the local path is an empty directory when a line binds it. */
function whyEmpty(line: FstabLine, { bind, lines, mounts, fstab, table }: Boot, at: number): [BootCause, string] {
  const [name, local] = [nameOf(line), shown(bind.local)]
  const later = mounts.slice(at + 1).find(({ target }) => target === line.source)
  if (later !== undefined) {
    const why = fstab.isSystemd ? ': systemd does not know that it must wait' : ''
    return ['too-early', `${name} binds ${local} before line ${later.number} mounts the share there${why}`]
  }
  if (mounts.slice(0, at).some(({ target }) => target === line.source))
    return ['share-hidden', hidesShare(table, line.source)]
  const idle = lines.find(({ target }) => target === line.source)
  if (idle !== undefined)
    return [
      'share-on-request',
      `${nameOf(idle)} does not mount the share at boot, and ${name} binds an empty directory`,
    ]
  return ['share-absent', `no line of /etc/fstab mounts the share at ${local}: ${name} may bind an empty directory`]
}

const nameOf = ({ number }: { readonly number: number }): string => `line ${number} of /etc/fstab`

/** The text of a path that has a character for each byte. */
const shown = (bytes: string): string => Buffer.from(bytes, 'latin1').toString('utf8')
