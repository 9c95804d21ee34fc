import { clockText } from './exercise-clock.ts'

/** A mail to the participants. */
export interface TeamMail {
  readonly clockMs: number
  readonly at: Date
  readonly from: string
  readonly subject: string
  readonly text: string
}

const domain = 'exercise.invalid'

/** The mail of a team: everyone gets all of it, and has read marks of their own. */
export class Mailbox {
  readonly #mails: TeamMail[] = []
  /** The numbers that each person has read. */
  readonly #read = new Map<string, Set<number>>()

  get mails(): readonly TeamMail[] {
    return this.#mails
  }

  deliver(mail: TeamMail): void {
    this.#mails.push(mail)
  }

  /** Returns one line a mail, as `mail` prints them. */
  listOf(person: string): string {
    const read = this.#readOf(person)
    const count = this.#mails.length
    if (count === 0) return 'The mailbox is empty.\n'
    const senderWidth = Math.max(...this.#mails.map(({ from }) => from.length))
    const lines = this.#mails.map(
      ({ clockMs, from, subject }, index) =>
        `${read.has(index) ? ' ' : 'N'} ${`${index + 1}`.padStart(3)}  ${clockText(clockMs)}  ${from.padEnd(senderWidth)}  ${subject}`,
    )
    return `${count} ${count === 1 ? 'mail' : 'mails'}, ${count - read.size} not read\n${lines.join('\n')}\n`
  }

  /** Returns a mail as text, and marks it as read. @param number from 1 */
  read(person: string, number: number): string | undefined {
    const mail = this.#mails[number - 1]
    if (mail === undefined) return undefined
    this.#readOf(person).add(number - 1)
    const { from, subject, at, text } = mail
    return `From: ${from}\nTo: ${person}\nDate: ${at.toUTCString()}\nSubject: ${subject}\n\n${text.trim()}\n`
  }

  /** Returns all mail as an mbox file (RFC 4155), which mail programs open. */
  mboxOf(person: string): string {
    return this.#mails.map((mail, index) => mboxEntry(mail, person, index + 1)).join('')
  }

  /** Returns the last mail as a part of an mbox file. */
  lastOf(person: string): string {
    const mail = this.#mails.at(-1)
    return mail === undefined ? '' : mboxEntry(mail, person, this.#mails.length)
  }

  #readOf(person: string): Set<number> {
    const found = this.#read.get(person) ?? new Set()
    this.#read.set(person, found)
    return found
  }
}

function mboxEntry({ at, from, subject, text }: TeamMail, person: string, number: number): string {
  const body = text
    .trim()
    .replaceAll('\r\n', '\n')
    .replaceAll(/^(>*From )/gm, '>$1')

  return [
    `From ${address(from)} ${asctime(at)}`,
    `From: ${phrase(from)} <${address(from)}>`,
    `To: ${person} <${person}@${domain}>`,
    `Date: ${at.toUTCString().replace('GMT', '+0000')}`,
    `Subject: ${encoded(subject)}`,
    `Message-ID: <${number}.${at.getTime()}@${domain}>`,
    'MIME-Version: 1.0',
    'Content-Type: text/plain; charset=utf-8',
    'Content-Transfer-Encoding: 8bit',
    '',
    body,
    '',
    '',
  ].join('\n')
}

/** `Help desk` → `help-desk@exercise.invalid` */
function address(name: string): string {
  const local = name
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-|-$/g, '')
  return `${local || 'sender'}@${domain}`
}

/** A name in a header. */
const phrase = (name: string): string => (/^[\w -]*$/.test(name) ? name : encodedWords(name))

/** Text in a header: plain words, or encoded words of at most 75 characters (RFC 2047). */
function encoded(text: string): string {
  if (/^[\x20-\x7e]*$/.test(text) && !text.includes('=?') && text.length <= 70) return text
  return encodedWords(text)
}

function encodedWords(text: string): string {
  const words: string[] = []
  let word = ''
  for (const character of text) {
    if (Buffer.byteLength(word + character) > 42) {
      words.push(word)
      word = ''
    }
    word += character
  }
  return [...words, word].map((one) => `=?utf-8?B?${Buffer.from(one).toString('base64')}?=`).join('\n ')
}

/** `Mon Nov 30 19:22:21 2026`, in UTC */
function asctime(at: Date): string {
  const [day = '', date = '', month = '', year = '', time = ''] = at.toUTCString().replace(',', '').split(' ')
  return `${day} ${month} ${date.replace(/^0/, ' ')} ${time} ${year}`
}
