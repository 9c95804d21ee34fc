import MailComposer from 'nodemailer/lib/mail-composer'
import { keyOf, type Notice } from '../notice/notice.ts'
import { noticeHtml } from '../notice/notice-html.ts'
import { noticeText } from '../notice/notice-text.ts'
import { mailSubject, type NoticeOptions } from '../notice/notice-wording.ts'

/** A notice as it is handed to a mail server, a webhook or a person. */
export interface Message {
  /** Identifies what it states, and to whom. */
  readonly key: string
  readonly userId: string
  readonly user: string
  /** Checked. */
  readonly to: string
  readonly subject: string
  readonly text: string
  readonly html: string
  readonly notice: Notice
}

/** The sender of messages, with checked addresses. */
export interface Sender {
  readonly from: string
  readonly replyTo?: string
}

/** @param to the checked address of the notice */
export function makeMessage(notice: Notice, to: string, options: NoticeOptions): Message {
  return {
    key: keyOf({ ...notice, address: to }),
    userId: notice.userId,
    user: notice.user,
    to,
    subject: oneLine(mailSubject(notice)),
    text: noticeText(notice, options),
    html: noticeHtml(notice, options),
    notice,
  }
}

/** Returns the id of a mail. It follows from what the mail states and to whom, and is the same each time. */
export const messageIdOf = ({ key }: Pick<Message, 'key'>, { from }: Pick<Sender, 'from'>): string =>
  `<${key.slice(0, 40)}@${from.slice(from.lastIndexOf('@') + 1)}>`

/** Returns a mail as RFC 5322 requires it, with CR LF. */
export function rfc5322(message: Message, sender: Sender, nowMs: number): Promise<Buffer> {
  const { from, replyTo } = sender
  const mail = new MailComposer({
    from: { name: 'Disaster recovery', address: from },
    ...(replyTo !== undefined && { replyTo }),
    to: { name: oneLine(message.user), address: message.to },
    subject: message.subject,
    text: message.text,
    html: message.html,
    date: new Date(nowMs),
    messageId: messageIdOf(message, sender),
    headers: { 'Auto-Submitted': 'auto-generated', 'Content-Language': 'en' },
    // Nothing in a notice is a path or an address to read from.
    disableFileAccess: true,
    disableUrlAccess: true,
    newline: 'windows',
    textEncoding: 'quoted-printable',
  })
  return mail.compile().build()
}

const hostile = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{Default_Ignorable_Code_Point}]/gu

/** Returns text for a header: no line breaks, no invisible characters, and not too long. */
const oneLine = (text: string): string => text.replaceAll(hostile, ' ').replaceAll(/\s+/g, ' ').trim().slice(0, 200)
