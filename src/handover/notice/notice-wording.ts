import { age } from '../../text/duration.ts'
import { counted } from '../../text/plural.ts'
import { printable } from '../../text/printable.ts'
import { type Notice, restoringIn, type WorkloadNotice } from './notice.ts'
import type { SnapshotNotice, Standing } from './snapshot-notice.ts'

/** What the sender adds to all notices. */
export interface NoticeOptions {
  /** The contact of the owners: an address, or any text. */
  readonly contact: string
  /** Where owners log in. Undefined if that is not stated. */
  readonly dashboard?: string
}

/** The most snapshots that are listed of a workload, and of all workloads together, so that a mail stays readable. */
const max = { ofWorkload: 30, together: 600 } as const

/** Returns how many snapshots of each workload a notice lists. */
export const listedOf = ({ workloads }: Notice): number =>
  Math.max(3, Math.min(max.ofWorkload, Math.floor(max.together / Math.max(1, workloads.length))))

export const marks: Readonly<Record<Standing, string>> = {
  restores: '\u2714',
  'not proven': '?',
  'does not restore': '\u2718',
}

/** A blank that no line ends at. */
const blank = '\u00a0'

/** `2026-11-29 17:58 UTC` */
const utcMinute = (date: string): string => `${date.slice(0, 10)} ${date.slice(11, 16)} UTC`

/** The subject. It has no names from records, and one line. */
export function mailSubject(notice: Notice): string {
  const all = notice.workloads.length
  const how =
    all === 1
      ? `your workload ${restoringIn(notice) === 1 ? 'can' : 'is not proven to'} be restored`
      : `${restoringIn(notice)} of your ${all} workloads can be restored`
  return `Backups in cloud ${printable(notice.cloud)}: ${how}`
}

export function introductionOf(notice: Notice): readonly string[] {
  const { cloud, date, isComplete, workloads } = notice
  const what = workloads.length === 1 ? 'of your workload' : `of your ${workloads.length} workloads`
  return [
    `The backups ${what} are now at the recovery site, cloud "${printable(cloud)}". They were checked at ${utcMinute(date)}. Ages are those of that time.`,
    ...(isComplete ? [] : ['The check was incomplete: a part of the backup storage could not be read.']),
  ]
}

/** What the standings mean. */
export const legend: readonly (readonly [Standing, string])[] = [
  ['restores', 'every byte of its disks was read'],
  ['not proven', 'it may restore, but the check could not prove it'],
  ['does not restore', 'a part of it is missing or damaged'],
]

export function headingOf({ snapshots }: WorkloadNotice): string {
  if (snapshots.length === 0) return 'It has no snapshot.'
  const good = snapshots.filter(({ standing }) => standing === 'restores')
  const [newest] = good
  if (newest === undefined) return `No snapshot of ${snapshots.length} is proven to restore.`
  const verb = good.length === 1 ? 'restores' : 'restore'
  return `${good.length} of ${counted(snapshots.length, 'snapshot')} ${verb}. The newest of these: ${whenOf(newest)}.`
}

export const outsideOf = ({ isOutside, project }: WorkloadNotice): string | undefined =>
  isOutside
    ? `You have no role in the project ${printable(project)}. Ask for one before you restore this workload.`
    : undefined

/** `2026-11-28 02:00 UTC, 39 h old`. The age is not wrapped. */
export function whenOf({ date, ageMs }: SnapshotNotice): string {
  if (date === undefined) return 'date unknown'
  return `${utcMinute(date)}, ${ageMs === undefined ? 'age unknown' : `${age(ageMs).replaceAll(' ', blank)}${blank}old`}`
}

export const labelOf = ({ name = 'snapshot', type }: SnapshotNotice): string =>
  type === undefined ? printable(name) : `${printable(name)} (${printable(type)})`

/** A sentence about the snapshots that are not listed. Undefined if all are. */
export function restOf({ snapshots }: WorkloadNotice, listed: number): string | undefined {
  const rest = snapshots.slice(listed)
  if (rest.length === 0) return undefined
  const good = rest.filter(({ standing }) => standing === 'restores').length
  return `${counted(rest.length, 'older snapshot')} not listed here: ${good} proven to restore.`
}

/** What to do next, a sentence or two each. */
export function nextStepsOf(notice: Notice, { contact, dashboard }: NoticeOptions): readonly string[] {
  const can = restoringIn(notice) > 0
  const where = dashboard === undefined ? '' : ` at ${printable(dashboard)}`
  return [
    ...(can
      ? [
          `Log in to the cloud "${printable(notice.cloud)}"${where} as ${printable(notice.user)}, in the project named with the workload.`,
          'Restore a snapshot that is marked "restores". The newest one loses the least data.',
          'Check your data in the restored VMs before you rely on them.',
        ]
      : ['Do not start a restore yet.']),
    'Do not rely on a snapshot that is marked "not proven" or "does not restore". Ask which copies of it exist.',
    'Check the backup schedule of each workload: a workload that was handed over to you is not backed up until its schedule is enabled again.',
    `Ask ${printable(contact)} if a snapshot that you need is missing here, or does not restore.`,
  ]
}

export const closingText =
  'You receive this mail because the records of the backups name you as the owner of these workloads.'
