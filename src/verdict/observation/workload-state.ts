import { all, fail, type Judgment, pass, type Question, unknown } from '../question.ts'
import { defineObservation } from './define-observation.ts'
import { isListOf, isText } from './facts.ts'
import type { AtPlace, Observed } from './observed.ts'

/** The owner that a record or a database names. An empty id is a missing one. */
export interface OwnerIds {
  readonly userId: string
  readonly projectId: string
}

/** What one source shows of a workload: a record on the target, or the database of a site. */
export interface WorkloadAt extends OwnerIds {
  /** The path of a record, or `workload-show`. */
  readonly source: string
  /** Empty for a source without a schedule. */
  readonly schedule: 'enabled' | 'disabled' | 'unknown' | ''
  /** The share that a record names. Empty if it names none; undefined for a database, and in journals of older versions. */
  readonly share?: string
}

/** A workload at a site: its records on the target, and its entry in the database. */
export interface WorkloadState {
  readonly workload: string
  /** The records of the workload and of its snapshots. */
  readonly records: readonly WorkloadAt[]
  /** Why records could not be read, or the database (`workload-show: …`). Empty if all were. */
  readonly unread: readonly string[]
  /** Empty if the database does not know it, or could not be read. */
  readonly database: readonly WorkloadAt[]
}

export const workloadStates = defineObservation('the owner and schedule of the workload', isWorkloadState)

const isSchedule = (value: unknown): boolean => ['enabled', 'disabled', 'unknown', ''].includes(value as string)

function isWorkloadAt(facts: unknown): facts is WorkloadAt {
  if (typeof facts !== 'object' || facts === null) return false
  const { source, userId, projectId, schedule, share = '' }: Partial<Record<keyof WorkloadAt, unknown>> = facts
  return [source, userId, projectId, share].every(isText) && isSchedule(schedule)
}

function isWorkloadState(facts: unknown): facts is WorkloadState {
  if (typeof facts !== 'object' || facts === null) return false
  const { workload, records, unread, database }: Partial<Record<keyof WorkloadState, unknown>> = facts
  const isList = isListOf(isWorkloadAt)
  return isText(workload) && isList(records) && isListOf(isText)(unread) && isList(database)
}

export interface AboutWorkload extends AtPlace {
  readonly workload: string
}

/** An expected owner: names for people, ids for the comparison. */
export interface ExpectedOwner extends AboutWorkload, OwnerIds {
  readonly user: string
  readonly project: string
}

/** Asks whether every record of a workload on the target names an owner. */
export const recordsNameOwner: Question<ExpectedOwner> = {
  name: 'every record of the workload names the expected owner',
  judge: (journal, { user, project, ...expected }) =>
    judgeStates(workloadStates.observed(journal, placeOf(expected)), expected.workload, (state) => {
      const { records, unread } = state.facts
      const who = `${user} in ${project}`
      if (records.length === 0)
        return unknown(`no record of workload ${expected.workload} was read: ${unread.join('; ')}`, [state.seq])
      const odd = records.filter((record) => !isOwner(record, expected))
      if (odd.length > 0)
        return fail(
          `${odd.length} of ${records.length} records do not belong to ${who}: ${odd.map(showOwner).join('; ')}`,
          [state.seq],
        )
      if (unread.length > 0) return unknown(`${unread.length} records were not read: ${unread.join('; ')}`, [state.seq])
      return pass(`${records.length} of ${records.length} records of workload ${expected.workload} belong to ${who}`, [
        state.seq,
      ])
    }),
}

export interface ExpectedShare extends AboutWorkload {
  readonly share: string
}

/** Asks whether every record of a workload on the target names a share. */
export const recordsNameShare: Question<ExpectedShare> = {
  name: 'every record of the workload names the expected share',
  judge: (journal, { share, ...expected }) =>
    judgeStates(workloadStates.observed(journal, placeOf(expected)), expected.workload, ({ facts, seq }) => {
      const { records, unread } = facts
      const seen = records.filter((record) => record.share !== undefined)
      const odd = seen.filter((record) => record.share !== share)
      const show = ({ source, share: other }: WorkloadAt) => `${source} names ${other || 'no share'}`
      if (odd.length > 0)
        return fail(`${odd.length} of ${records.length} records do not name ${share}: ${odd.map(show).join('; ')}`, [
          seq,
        ])
      if (seen.length === 0) return unknown(`no share in a record of workload ${expected.workload} was read`, [seq])
      const lacking = records.length - seen.length + unread.length
      if (lacking > 0) return unknown(`${lacking} records were not read: ${unread.join('; ')}`, [seq])
      return pass(`${records.length} of ${records.length} records of workload ${expected.workload} name ${share}`, [
        seq,
      ])
    }),
}

/** Asks whether the database of the site knows a workload, with an owner. */
export const databaseNamesOwner: Question<ExpectedOwner> = {
  name: 'the database names the expected owner of the workload',
  judge: (journal, { user, project, ...expected }) =>
    judgeStates(workloadStates.observed(journal, placeOf(expected)), expected.workload, ({ facts, seq }) => {
      const [entry] = facts.database
      if (entry === undefined)
        return unreadDatabase(facts, seq) ?? fail(`the site does not know workload ${expected.workload}`, [seq])
      return isOwner(entry, expected)
        ? pass(`workload-show shows ${user} in ${project} as owner of workload ${expected.workload}`, [seq])
        : fail(`workload ${expected.workload} does not belong to ${user} in ${project}: ${showOwner(entry)}`, [seq])
    }),
}

export interface ExpectedKnowledge extends AboutWorkload {
  readonly isKnown: boolean
}

/** Asks whether the database of the site knows a workload. */
export const siteKnowsWorkload: Question<ExpectedKnowledge> = {
  name: 'the site knows the workload as expected',
  judge: (journal, { isKnown, ...expected }) =>
    judgeStates(workloadStates.observed(journal, placeOf(expected)), expected.workload, ({ facts, seq }) => {
      const unread = unreadDatabase(facts, seq)
      if (unread !== undefined) return unread
      const sentence = `the site ${facts.database.length > 0 ? 'knows' : 'does not know'} workload ${expected.workload}`
      return facts.database.length > 0 === isKnown ? pass(sentence, [seq]) : fail(sentence, [seq])
    }),
}

export interface ExpectedSchedule extends AboutWorkload {
  readonly schedule: 'enabled' | 'disabled'
}

/** Asks whether the schedule of a workload is enabled or disabled, in its record and in the database. */
export const scheduleIs: Question<ExpectedSchedule> = {
  name: 'the schedule of the workload is as expected',
  judge: (journal, { schedule, ...expected }) =>
    judgeStates(workloadStates.observed(journal, placeOf(expected)), expected.workload, ({ facts, seq }) => {
      const places = [facts.records, facts.database].map((some) => some.filter((one) => one.schedule !== ''))
      const sources = places.flat()
      const odd = sources.filter((one) => one.schedule !== schedule)
      const show = (some: readonly WorkloadAt[]) => some.map((one) => `${one.schedule} in ${one.source}`).join('; ')
      if (odd.length > 0) return fail(`${show(odd)}, expected ${schedule}`, [seq])
      // The records of snapshots have no schedule.
      const unread = facts.unread.filter((one) => !one.includes('/snapshot_db: '))
      const lacking = [
        ...(places[0]?.length ? [] : ['record']),
        ...(places[1]?.length ? [] : ['entry in the database']),
      ]
      if (lacking.length + unread.length === 0) return pass(show(sources), [seq])
      const why = [...lacking.map((one) => `no ${one} with one was read`), ...unread].join('; ')
      return unknown(`no schedule of workload ${expected.workload} in both: ${why}`, [seq])
    }),
}

/** Only the message of a command that succeeded, or that reports the absence, shows that a workload is unknown. */
function unreadDatabase({ database, unread }: WorkloadState, seq: number): Judgment | undefined {
  const why = unread.find((one) => one.startsWith('workload-show: '))
  return database.length > 0 || why === undefined ? undefined : unknown(`the database was not read: ${why}`, [seq])
}

const placeOf = ({ where, series }: AtPlace): AtPlace => ({
  ...(where !== undefined && { where }),
  ...(series !== undefined && { series }),
})

/** Judges the observations of one workload. Without any, the claim is unknown. */
function judgeStates(
  observed: readonly Observed<WorkloadState>[],
  workload: string,
  judge: (state: Observed<WorkloadState>) => Judgment,
): Judgment {
  const judged = observed.filter(({ facts }) => facts.workload === workload).map(judge)
  if (judged.length === 0) return unknown(`workload ${workload} was not observed`)
  return judged.length === 1 && judged[0] !== undefined
    ? judged[0]
    : all(judged, judged.map(({ sentence }) => sentence).join('; '))
}

const isOwner = (one: OwnerIds, other: OwnerIds): boolean =>
  one.userId === other.userId && one.projectId === other.projectId

const showOwner = ({ source, userId, projectId }: WorkloadAt): string =>
  `${source} has user ${userId || '(none)'} in project ${projectId || '(none)'}`
