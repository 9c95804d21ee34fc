import type { AppendedEvent } from '../../journal/journal.ts'
import { table } from '../question-table.fixture.ts'
import {
  everyMailIsValid,
  hasMailCount,
  type Mail,
  mailDoesNotMention,
  mailStates,
  noneHasTwoMails,
  notificationReports,
} from './mail.ts'

const [alice, bob] = ['alice@example.org', 'bob@example.org']
const part =
  '\u2718 does not restore: web 2 (incremental) snapshot s2 cut off. \u2714 restores: web 1 (full) snapshot s1'
const mail = (changes: Partial<Mail> = {}): Mail => ({
  ...{ mailbox: alice, subject: 'Backups', messageId: '<a@b>', text: part, html: part, defects: [] },
  ...changes,
})

const observed = (subject: string, facts: unknown, series = 's1'): AppendedEvent => ({
  ...{ kind: 'observation', subject, where: 'mail', facts },
  series,
})
const exit = (series = 's1') => observed('the exit code of the notification', 0, series)
const boxes = (mails: readonly unknown[], series = 's1') => observed('the mails in the mailboxes', mails, series)

table(hasMailCount, { address: alice, count: 1 }, [
  ['one mail', 'pass', /has 1 mails/, [boxes([mail(), mail({ mailbox: bob })])]],
  ['none', 'fail', /has 0 mails, expected 1/, [boxes([mail({ mailbox: bob })])]],
  ['two', 'fail', /has 2 mails/, [boxes([mail(), mail()])]],
  ['not a mail', 'unknown', /not a valid observation/, [boxes([{}])]],
  ['a later notification without a look', 'unknown', /was not observed/, [boxes([mail()]), exit('s2')]],
])

table(noneHasTwoMails, {}, [
  ['one mail each', 'pass', /2 mailboxes/, [boxes([mail(), mail({ mailbox: bob })])]],
  ['two mails in one', 'fail', /alice@example\.org has 2/, [boxes([mail(), mail(), mail({ mailbox: bob })])]],
  ['no mails', 'unknown', /empty/, [boxes([])]],
])

table(everyMailIsValid, {}, [
  ['no defects', 'pass', /1 of 1/, [boxes([mail()])]],
  ['a defect', 'fail', /no date/, [boxes([mail(), mail({ defects: ['no date'] })])]],
  ['no mails', 'unknown', /empty/, [boxes([])]],
])

table(mailStates, { address: alice, snapshotId: 's1', standing: 'restores' }, [
  ['text and HTML state it', 'pass', /state "restores"/, [boxes([mail()])]],
  ['the HTML differs', 'fail', /states "not proven"/, [boxes([mail({ html: '? not proven: s1' })])]],
  ['the text does not name it', 'fail', /states nothing/, [boxes([mail({ text: '\u2714 restores: s3' })])]],
  ['another user has the mail', 'unknown', /has no mail/, [boxes([mail({ mailbox: bob })])]],
])
table(mailStates, { address: alice, snapshotId: 's2', standing: 'restores' }, [
  ['it does not restore', 'fail', /states "does not restore"/, [boxes([mail()])]],
])

table(mailDoesNotMention, { address: alice, text: 'db' }, [
  ['not mentioned', 'pass', /not found/, [boxes([mail()])]],
  ['mentioned in the HTML', 'fail', /found in 1/, [boxes([mail({ html: 'db' })])]],
  ['no mail', 'unknown', /has no mail/, [boxes([])]],
])

const reported = (users: readonly unknown[]) => observed('the users that were notified', users)
table(notificationReports, { user: 'bob', state: 'refused' }, [
  ['as expected', 'pass', /bob: refused/, [exit(), reported([{ user: 'bob', state: 'refused' }])]],
  ['another state', 'fail', /bob: sent, expected refused/, [exit(), reported([{ user: 'bob', state: 'sent' }])]],
  [
    'another state of a user of the same name',
    'fail',
    /bob: sent, expected refused/,
    [exit(), reported(['refused', 'sent'].map((state) => ({ user: 'bob', state })))],
  ],
  ['not reported', 'fail', /not reported/, [exit(), reported([])]],
])
