import { all, fail, type Judgment, pass, type Question, unknown } from '../question.ts'
import { defineObservation } from './define-observation.ts'
import { isFiniteNumber, isListOf, isText } from './facts.ts'
import type { AtPlace } from './observed.ts'

/** A mail in a mailbox, as another program than its sender reads it. */
export interface Mail {
  /** The address of the mailbox. */
  readonly mailbox: string
  readonly subject: string
  readonly messageId: string
  readonly text: string
  /** The text of its HTML. */
  readonly html: string
  /** What is not valid in it. */
  readonly defects: readonly string[]
}

/** How one user was notified, by the report of `handover notify`. */
export interface NotifiedUser {
  readonly user: string
  readonly state: string
}

/** Recorded by each step that notifies users. The place of all is the mail server. */
export const notifyExit = defineObservation('the exit code of the notification', isFiniteNumber)
const recordedWith = notifyExit

export const mails = defineObservation('the mails in the mailboxes', isListOf(isMail), { recordedWith })
export const notifiedUsers = defineObservation('the users that were notified', isListOf(isNotifiedUser), {
  recordedWith,
})

function isMail(facts: unknown): facts is Mail {
  if (typeof facts !== 'object' || facts === null) return false
  const { mailbox, subject, messageId, text, html, defects }: Partial<Record<keyof Mail, unknown>> = facts
  return [mailbox, subject, messageId, text, html].every(isText) && isListOf(isText)(defects)
}

function isNotifiedUser(facts: unknown): facts is NotifiedUser {
  if (typeof facts !== 'object' || facts === null) return false
  const { user, state }: Partial<Record<keyof NotifiedUser, unknown>> = facts
  return isText(user) && isText(state)
}

export interface ExpectedMailCount extends AtPlace {
  readonly address: string
  readonly count: number
}

/** Asks how many mails are in the mailbox of an address. */
export const hasMailCount: Question<ExpectedMailCount> = {
  name: 'the mailbox has the expected number of mails',
  judge: (journal, { address, count, ...at }) =>
    each(mails.observed(journal, at), ({ facts, seq }) => {
      const found = facts.filter(({ mailbox }) => mailbox === address).length
      const sentence = `${address} has ${found} mails`
      return found === count ? pass(sentence, [seq]) : fail(`${sentence}, expected ${count}`, [seq])
    }),
}

/** Asks whether no mailbox has two mails. */
export const noneHasTwoMails: Question<AtPlace> = {
  name: 'no mailbox has more than one mail',
  judge: (journal, at) =>
    each(mails.observed(journal, at), ({ facts, seq }) => {
      if (facts.length === 0) return unknown('the mailboxes are empty', [seq])
      const byBox = [...Map.groupBy(facts, ({ mailbox }) => mailbox)]
      const odd = byBox.filter(([, some]) => some.length > 1).map(([mailbox, some]) => `${mailbox} has ${some.length}`)
      return odd.length === 0
        ? pass(`${byBox.length} mailboxes with one mail each`, [seq])
        : fail(odd.join('; '), [seq])
    }),
}

/** Asks whether every mail is valid, as another program than its sender reads it. */
export const everyMailIsValid: Question<AtPlace> = {
  name: 'every mail is valid',
  judge: (journal, at) =>
    each(mails.observed(journal, at), ({ facts, seq }) => {
      if (facts.length === 0) return unknown('the mailboxes are empty', [seq])
      const odd = facts.filter(({ defects }) => defects.length > 0)
      return odd.length === 0
        ? pass(`${facts.length} of ${facts.length} mails are valid`, [seq])
        : fail(odd.map(({ mailbox, defects }) => `${mailbox}: ${defects.join(', ')}`).join('; '), [seq])
    }),
}

const standings = ['restores', 'not proven', 'does not restore'] as const
export type MailStanding = (typeof standings)[number]

export interface ExpectedStanding extends AtPlace {
  readonly address: string
  readonly snapshotId: string
  readonly standing: MailStanding
}

/** Asks what the mails to an address state about a snapshot, in their text and in their HTML. */
export const mailStates: Question<ExpectedStanding> = {
  name: 'the mail states of the snapshot what is expected',
  judge: (journal, { address, snapshotId, standing, ...at }) =>
    each(mails.observed(journal, at), ({ facts, seq }) => {
      const found = facts.filter(({ mailbox }) => mailbox === address)
      if (found.length === 0) return unknown(`${address} has no mail`, [seq])
      const stated = found.flatMap(({ text, html }) => [text, html].map((part) => standingIn(part, snapshotId)))
      const odd = stated.filter((one) => one !== standing)
      return odd.length === 0
        ? pass(`text and HTML state "${standing}"`, [seq])
        : fail(`the mail states ${odd.map((one) => (one === undefined ? 'nothing' : `"${one}"`)).join(', ')}`, [seq])
    }),
}

/** The last standing that is stated before the id of a snapshot. */
function standingIn(part: string, snapshotId: string): MailStanding | undefined {
  const at = part.indexOf(snapshotId)
  if (at < 0) return undefined
  const before = part.slice(0, at)
  const [, last] = [...before.matchAll(/[\u2714?\u2718] (restores|not proven|does not restore)\b/gu)].at(-1) ?? []
  return standings.find((one) => one === last)
}

export interface ExpectedMention extends AtPlace {
  readonly address: string
  readonly text: string
}

/** Asks whether no mail to an address has a text. There must be a mail. */
export const mailDoesNotMention: Question<ExpectedMention> = {
  name: 'the mail does not mention the text',
  judge: (journal, { address, text, ...at }) =>
    each(mails.observed(journal, at), ({ facts, seq }) => {
      const found = facts.filter(({ mailbox }) => mailbox === address)
      if (found.length === 0 || text === '') return unknown(`${address} has no mail, or the text is empty`, [seq])
      const odd = found.filter((mail) => [mail.subject, mail.text, mail.html].some((part) => part.includes(text)))
      return odd.length === 0
        ? pass(`"${text}" not found`, [seq])
        : fail(`"${text}" found in ${odd.length} mails`, [seq])
    }),
}

export interface ExpectedReport extends AtPlace {
  readonly user: string
  readonly state: string
}

/** Asks how the command reports that a user was notified. */
export const notificationReports: Question<ExpectedReport> = {
  name: 'the notification reports the user as expected',
  judge: (journal, { user, state, ...at }) =>
    each(notifiedUsers.observed(journal, at), ({ facts, seq }) => {
      // Users of several domains may have one name.
      const found = facts.filter((one) => one.user === user)
      if (found.length === 0) return fail(`${user} is not reported`, [seq])
      const odd = found.find((one) => one.state !== state)
      return odd === undefined
        ? pass(`${user}: ${state}`, [seq])
        : fail(`${user}: ${odd.state}, expected ${state}`, [seq])
    }),
}

function each<T>(observed: readonly T[], judge: (one: T) => Judgment): Judgment {
  const judged = observed.map(judge)
  const [only, ...others] = judged
  return only !== undefined && others.length === 0 ? only : all(judged, 'each of them is as expected')
}
