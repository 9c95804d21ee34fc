import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { InputError } from '../../errors.ts'
import { makeNotices, type Unreachable } from '../notice/notice.ts'
import type { NoticeOptions } from '../notice/notice-wording.ts'
import { checkAddress } from './address.ts'
import { type Message, makeMessage, messageIdOf, rfc5322, type Sender } from './message.ts'

/** The messages to hand over, and the owners who cannot be written to. */
export interface Prepared {
  readonly messages: readonly Message[]
  readonly unreachable: readonly Unreachable[]
}

/** Makes a message for each owner whose address can be written to. */
export function prepare([assessment, people, cloud]: Parameters<typeof makeNotices>, options: NoticeOptions): Prepared {
  const { notices, unreachable } = makeNotices(assessment, people, cloud)
  const messages: Message[] = []
  const refused: Unreachable[] = []
  for (const notice of notices) {
    const checked = checkAddress(notice.address)
    if ('address' in checked) messages.push(makeMessage(notice, checked.address, options))
    else
      refused.push({
        userId: notice.userId,
        user: notice.user,
        why: `the address ${JSON.stringify(notice.address)} is refused: ${checked.refused}`,
        workloads: notice.workloads.map(({ name }) => name),
      })
  }
  return { messages, unreachable: [...refused, ...unreachable] }
}

/**
 * Writes the mails to a folder, which is created if necessary, for their sender to look at.
 * @returns the paths of the files
 * @throws InputError if a file exists already, or cannot be written
 */
export async function writeMails(
  messages: readonly Message[],
  sender: Sender,
  folder: string,
  nowMs: number,
): Promise<readonly string[]> {
  const mails = await Promise.all(
    messages.map(async (message) => ({
      path: join(folder, `${fileNameOf(message)}-${messageIdOf(message, sender).slice(1, 9)}.eml`),
      content: await rfc5322(message, sender, nowMs),
    })),
  )
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    // They hold names and addresses.
    for (const { path, content } of mails) writeFileSync(path, content, { flag: 'wx', mode: 0o600 })
  } catch (cause) {
    throw new InputError(`--write: ${(cause as Error).message}`, { cause, remedy: 'Pass a new folder.' })
  }
  return mails.map(({ path }) => path)
}

const fileNameOf = ({ user }: Message): string =>
  user
    .replaceAll(/[^a-z0-9._-]+/gi, '_')
    .replace(/^\.+/, '')
    .slice(0, 60) || 'user'
