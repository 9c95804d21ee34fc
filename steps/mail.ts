// Notifying users by mail
import { Given, Then, When } from '@cucumber/cucumber'
import { type MailStanding, notification } from '../src/index.ts'
import type { DrillWorld } from './support/world.ts'

/**
 * Brings up a mail server, with STARTTLS, a password, and a mailbox for each address.
 * @example Given a mail server "mail"
 */
Given('a mail server {string}', async function (this: DrillWorld, name: string) {
  await this.rehearsal.mail.add(name)
})

/**
 * Lets the mail server refuse all mail to an address. Verifies the refusal.
 * @example When the mail server refuses mail to "bob@example.org"
 */
When('the mail server refuses mail to {string}', async function (this: DrillWorld, address: string) {
  await this.rehearsal.mail.refuse(address)
})

/**
 * Lets the mail server accept mail to an address again.
 * @example When the mail server accepts mail to "bob@example.org" again
 */
When('the mail server accepts mail to {string} again', async function (this: DrillWorld, address: string) {
  await this.rehearsal.mail.accept(address)
})

/**
 * Cuts the power of the mail server. Verifies that it is gone.
 * @example When the mail server loses power
 */
When('the mail server loses power', async function (this: DrillWorld) {
  await this.rehearsal.mail.cutPower()
})

/**
 * Starts the mail server again, and records what is in the mailboxes.
 * @example When the mail server starts again
 */
When('the mail server starts again', async function (this: DrillWorld) {
  await this.rehearsal.mail.start()
})

/**
 * Runs `dr-drill assess --depth content` on the appliance, on everything that it has mounted, and then
 * `dr-drill handover notify`, over SMTP with STARTTLS. Records how that ended, and what is in the mailboxes.
 * @example When the users are notified
 */
When('the users are notified', async function (this: DrillWorld) {
  await this.rehearsal.mail.notify()
})

/**
 * Does the same while the mail server is off.
 * @example When the users are notified without the mail server
 */
When('the users are notified without the mail server', async function (this: DrillWorld) {
  await this.rehearsal.mail.notifyWithoutServer()
})

/**
 * Runs `dr-drill handover notify` again, with the same assessment.
 * @example When the users are notified again
 * @example When the users are notified again with "--resend"
 */
When('the users are notified again{withOptions}', async function (this: DrillWorld, options: readonly string[]) {
  await this.rehearsal.mail.notifyAgain(options)
})

/**
 * Notifies the users, and cuts the power of the mail server when a mail has arrived whole, before the server accepts it.
 * @example When the users are notified, and the mail server loses power before it accepts mail 2
 */
When(
  'the users are notified, and the mail server loses power before it accepts mail {int}',
  async function (this: DrillWorld, mail: number) {
    await this.rehearsal.mail.notifyUntil({ mail, isDelivered: false })
  },
)

/**
 * Notifies the users, and cuts the power of the mail server when it has delivered a mail, before the sender gets the answer.
 * @example When the users are notified, and the mail server loses power before it confirms mail 2
 */
When(
  'the users are notified, and the mail server loses power before it confirms mail {int}',
  async function (this: DrillWorld, mail: number) {
    await this.rehearsal.mail.notifyUntil({ mail, isDelivered: true })
  },
)

/**
 * Judges the exit code of the last notification.
 * @example Then the notification exits with 1
 */
Then('the notification exits with {int}', function (this: DrillWorld, facts: number) {
  this.drill.judge(notification.notifyExit.is, { facts })
})

/**
 * Judges how the last notification reports a user: as sent, sent before, refused, not sent, may have been sent, or cannot
 * be notified.
 * @example Then the notification reports "bob" as "refused"
 */
Then('the notification reports {string} as {string}', function (this: DrillWorld, user: string, state: string) {
  this.drill.judge(notification.notificationReports, { user, state })
})

/**
 * Judges the number of mails in the mailbox of a user.
 * @example Then user "alice" has 1 mail
 */
Then('user {string} has {int} mail(s)', function (this: DrillWorld, user: string, count: number) {
  this.drill.judge(notification.hasMailCount, { address: this.rehearsal.mail.addressOf(user), count })
})

/**
 * Judges that no mailbox has more than one mail.
 * @example Then no user has two mails
 */
Then('no user has two mails', function (this: DrillWorld) {
  this.drill.judge(notification.noneHasTwoMails, {})
})

/**
 * Judges that every mail is valid, as another program than its sender reads it.
 * @example Then every mail is valid
 */
Then('every mail is valid', function (this: DrillWorld) {
  this.drill.judge(notification.everyMailIsValid, {})
})

/**
 * Judges what the mail to a user states about a snapshot, in its text and in its HTML.
 * @example Then the mail to "alice" states that snapshot 2 of "web" restores
 * @example Then the mail to "alice" states that snapshot 2 of "web" is not proven
 */
Then(
  'the mail to {string} states that snapshot {int} of {string} {standing}',
  function (this: DrillWorld, user: string, snapshot: number, workload: string, standing: MailStanding) {
    this.drill.judge(notification.mailStates, {
      address: this.rehearsal.mail.addressOf(user),
      snapshotId: this.images({ workload, snapshot })[0]?.snapshotId ?? '',
      standing,
    })
  },
)

/**
 * Judges that the mail to a user does not mention a text, e.g. the name of a workload of another user.
 * @example Then the mail to "alice" does not mention "db"
 */
Then('the mail to {string} does not mention {string}', function (this: DrillWorld, user: string, text: string) {
  this.drill.judge(notification.mailDoesNotMention, { address: this.rehearsal.mail.addressOf(user), text })
})
