import { join, resolve } from 'node:path'
import { Command, InvalidArgumentError, Option } from 'commander'
import { InputError } from '../errors.ts'
import { checkAddress } from '../handover/mail/address.ts'
import type { Carrier } from '../handover/mail/carrier.ts'
import { type Delivery, deliver, heldBack } from '../handover/mail/deliver.ts'
import type { Sender } from '../handover/mail/message.ts'
import { type NoticeChannel, NoticeLedger } from '../handover/mail/notice-ledger.ts'
import { type Prepared, prepare, writeMails } from '../handover/mail/prepare.ts'
import { SmtpCarrier } from '../handover/mail/smtp-carrier.ts'
import { passwordVariable, readSmtpServer } from '../handover/mail/smtp-server.ts'
import { readWebhook, tokenVariable } from '../handover/mail/webhook.ts'
import { WebhookCarrier } from '../handover/mail/webhook-carrier.ts'
import { readAssessment } from '../handover/notice/assessment-file.ts'
import { openCloud } from '../identity/keystone/open-cloud.ts'
import { parseDurationMs } from '../input/parse-duration.ts'
import { stateFolder } from '../localhost/state-folder.ts'
import { interruptible } from '../run/interrupts.ts'
import { counted } from '../text/plural.ts'
import { printableJson } from '../text/printable.ts'
import { styleOf } from '../text/style.ts'
import { confirm } from './confirm.ts'
import { exitCodeOf, type NotifyReport, reportText } from './notify-report.ts'

interface Flags {
  readonly fromAssessment: string
  readonly cloud?: string
  readonly cloudFile?: string
  readonly smtp?: string
  readonly smtpPasswordFile?: string
  readonly webhook?: string
  readonly webhookTokenFile?: string
  readonly from?: string
  readonly replyTo?: string
  readonly contact?: string
  readonly dashboard?: string
  readonly ca?: string
  readonly tls: boolean
  readonly answerWithin: number
  readonly ledger?: string
  readonly resend?: true
  readonly dryRun?: true
  readonly write?: string
  readonly yes?: true
  readonly json?: true
}

/** `handover notify`: one mail for each owner, with what restores, what does not, and what to do next. */
export function handoverNotifyCommand(): Command {
  return new Command('notify')
    .description('notify each owner of workloads which of their snapshots are proven to restore')
    .requiredOption('--from-assessment <file>', 'output of dr-drill assess --depth content --json')
    .option(
      '--cloud <name>',
      'cloud of the users, by its name in clouds.yaml (default: OS_CLOUD, or the OS_ variables)',
    )
    .option('--cloud-file <file>', 'the same, as a file with its people, such as that of a lab')
    .option('--smtp <url>', 'mail server: smtp://USER@HOST:PORT (STARTTLS), or smtps://… (TLS from the start)')
    .option('--smtp-password-file <file>', `file with the password (default: the variable ${passwordVariable})`)
    .option('--webhook <url>', 'post JSON to this address instead of sending mails')
    .option('--webhook-token-file <file>', `file with a bearer token (default: the variable ${tokenVariable})`)
    .option('--from <address>', 'address of the sender')
    .option('--reply-to <address>', 'address for answers (default: the sender)')
    .option('--contact <text>', 'whom owners ask (default: the address for answers)')
    .option('--dashboard <url>', 'where owners log in to the recovery site')
    .option('--ca <file>', 'certificates of authorities, in PEM (default: those of Node.js)')
    .option('--no-tls', 'send without encryption; refused with a user name or a token')
    .addOption(
      new Option('--answer-within <duration>', 'give up on a server that does not answer for this long')
        .argParser(parseDuration)
        .default(30_000, '30s'),
    )
    .option('--ledger <file>', 'record of the messages handed over (default: in the state folder)')
    .option('--resend', 'hand over again the messages that may have been sent')
    .option('--dry-run', 'print who would get what, and send nothing')
    .option('--write <dir>', 'with --dry-run, write the mails to this folder')
    .option('--yes', 'send without asking')
    .option('--json', 'print one JSON object')
    .addHelpText(
      'after',
      `
A snapshot restores, by the mail, only if every byte of its disks was read by an
assessment with --depth content. All others are "not proven" or "does not
restore", with the reason. The owner is the user in the record of the workload.

The ledger keeps each message from being sent twice. Run the command again to
send what was refused or not sent. A message that was handed over, but not
confirmed, may have been sent: it is reported, and repeated only with --resend.
A webhook gets the same Idempotency-Key each time, and is retried.

Examples:
  $ dr-drill assess /mnt/a --depth content --json >a.ndjson
  $ dr-drill handover notify --from-assessment a.ndjson \\
      --cloud recovery --from dr@example.org --dry-run --write mails
  $ dr-drill handover notify --from-assessment a.ndjson \\
      --cloud recovery --from dr@example.org \\
      --smtp smtp://dr@mail.example.org --smtp-password-file password

Exit codes: 0 all owners notified, now or before, 1 owner without a usable
address, message refused or not sent, or the answer was no, 2 wrong input,
3 message that may have been sent, 130 interrupted. 1 wins over 3.`,
    )
    .action(run)
}

async function run(flags: Flags): Promise<void> {
  using interruption = interruptible()
  const { signal } = interruption
  const sender = senderOf(flags)
  const carrierOf = carrierFor(flags, sender)
  const channel: NoticeChannel = flags.webhook === undefined ? 'smtp' : 'webhook'
  const assessment = await readAssessment(flags.fromAssessment)
  if (assessment.workloads.length === 0) throw new InputError('--from-assessment: the assessment found no workload')
  const { name, people } = await readCloud(flags, signal)
  const prepared = prepare([assessment, people, name], {
    contact: flags.contact ?? sender.replyTo ?? sender.from,
    ...(flags.dashboard !== undefined && { dashboard: flags.dashboard }),
  })
  await using ledger = await NoticeLedger.open(
    resolve(flags.ledger ?? join(stateFolder(), 'handover', 'notices.ndjson')),
  )
  const isResent = flags.resend === true
  if (flags.dryRun || prepared.messages.length === 0) {
    const planned = prepared.messages.map(({ key, userId, user, to }): NotifyReport['deliveries'][number] => ({
      ...{ userId, user, to, state: 'to be sent' },
      ...heldBack(ledger.lastOf(channel, key), { isResent, carrier: { isIdempotent: channel === 'webhook' } }),
    }))
    const written =
      flags.write === undefined ? [] : await writeMails(prepared.messages, sender, resolve(flags.write), Date.now())
    return print({ isDryRun: true, depth: assessment.depth, ...prepared, deliveries: planned, written }, flags)
  }
  await using carrier = carrierOf()
  if (!(await maySend(prepared, carrier, flags, signal))) return
  const deliveries: Delivery[] = []
  try {
    const onDelivery = (delivery: Delivery) => void deliveries.push(delivery)
    await deliver(prepared.messages, { carrier, channel, ledger, sender, isResent, signal, onDelivery })
  } catch (error) {
    // What was sent until then is reported before the error.
    print({ isDryRun: false, depth: assessment.depth, ...prepared, deliveries, written: [] }, flags)
    throw error
  }
  print({ isDryRun: false, depth: assessment.depth, ...prepared, deliveries, written: [] }, flags)
}

async function readCloud({ cloud, cloudFile, answerWithin }: Flags, signal: AbortSignal) {
  if (cloud !== undefined && cloudFile !== undefined)
    throw new InputError('--cloud cannot be combined with --cloud-file')
  await using opened = openCloud({ cloud, cloudFile, answerWithinMs: answerWithin })
  for (const warning of opened.warnings) process.stderr.write(`WARNING: ${warning}\n`)
  return { name: opened.identity.cloud, people: await opened.identity.readPeople(signal) }
}

function print(report: NotifyReport, { json }: Flags): void {
  const { depth, deliveries, unreachable, written } = report
  process.stdout.write(
    json
      ? `${printableJson({ isDryRun: report.isDryRun, depth, deliveries, unreachable, written })}\n`
      : reportText(report, styleOf(process.stdout)),
  )
  process.exitCode = exitCodeOf(report)
}

/** A no is not wrong input: nothing is sent, and the command ends with 1. */
async function maySend({ messages }: Prepared, { where }: Carrier, flags: Flags, signal: AbortSignal) {
  const question = `Hand ${counted(messages.length, 'message')} over to ${where}?`
  if (flags.yes || (await confirm(question, signal))) return true
  process.stderr.write('Nothing was sent.\n')
  process.exitCode = 1
  return false
}

/** Checks the way to the users now, and opens it later. */
function carrierFor(flags: Flags, sender: Sender): () => Carrier {
  const { smtp, webhook, smtpPasswordFile, webhookTokenFile, ca, tls, answerWithin, dryRun, write } = flags
  if (write !== undefined && !dryRun) throw new InputError('--write requires --dry-run')
  if (smtp !== undefined && webhook !== undefined) throw new InputError('--smtp cannot be combined with --webhook')
  const more = { isTls: tls, ...(ca !== undefined && { caFile: ca }) }
  if (smtp !== undefined) {
    const passwordFile = smtpPasswordFile === undefined ? {} : { passwordFile: smtpPasswordFile }
    const server = readSmtpServer({ url: smtp, ...passwordFile, ...more }, process.env)
    return () => new SmtpCarrier(server, sender.from, answerWithin)
  }
  if (webhook !== undefined) {
    const tokenFile = webhookTokenFile === undefined ? {} : { tokenFile: webhookTokenFile }
    const receiver = readWebhook({ url: webhook, ...tokenFile, ...more }, process.env)
    return () => new WebhookCarrier(receiver, answerWithin)
  }
  if (dryRun) return () => raise('a dry run sends nothing')
  throw new InputError('no way to the users was passed', { remedy: 'Pass --smtp URL, --webhook URL, or --dry-run.' })
}

function senderOf({ from, replyTo, webhook }: Flags): Sender {
  if (from === undefined && webhook === undefined)
    throw new InputError('the address of the sender is missing', { remedy: 'Pass --from ADDRESS.' })
  const checked = (option: string, text: string): string => {
    const result = checkAddress(text)
    if ('address' in result) return result.address
    throw new InputError(`${option}: ${JSON.stringify(text)} is not a mail address: ${result.refused}`)
  }
  return {
    from: checked('--from', from ?? 'dr-drill@localhost'),
    ...(replyTo !== undefined && { replyTo: checked('--reply-to', replyTo) }),
  }
}

function parseDuration(text: string): number {
  const ms = parseDurationMs(text)
  if (ms === undefined) throw new InvalidArgumentError('It must be a duration, e.g. 90s, 15m or 2h.')
  return ms
}

function raise(message: string): never {
  throw new Error(message)
}
