import type { Shell } from '../../shell/shell.ts'
import type { Fate } from './actions.ts'
import { type Bind, hasBind, isKept, whyNotToAdd, withBind, withoutBind } from './fstab.ts'
import { fstabOf, replaceFstab } from './fstab-file.ts'

/** What fstab says of a bind that is to be kept. */
export type Keeping =
  | { readonly state: 'present' }
  | { readonly state: 'refused'; readonly why: string }
  | { readonly state: 'absent'; readonly isCutShort: boolean }

export async function lookAtFstab(shell: Shell, bind: Bind): Promise<Keeping> {
  const { text, isSystemd, whyNot } = await fstabOf(shell)
  if (hasBind(text, bytesOf(bind), isSystemd)) return { state: 'present' }
  const why = whyNot ?? whyNotToAdd(text)
  if (why !== undefined) return { state: 'refused', why }
  return { state: 'absent', isCutShort: text !== '' && !text.endsWith('\n') }
}

/** @returns why it is not kept; undefined where it is */
export async function keep(shell: Shell, bind: Bind): Promise<string | undefined> {
  const { text, isSystemd, whyNot } = await fstabOf(shell)
  return whyNot ?? whyNotToAdd(text) ?? (await replaceFstab(shell, text, withBind(text, bytesOf(bind), isSystemd)))
}

/**
 * Takes out what `keep` has put in, and what a power cut left beside fstab.
 * @param isCutShort whether the last line had no end before
 * @param isOnlyLooked whether nothing is to be changed
 * @returns whether the line was there, or stays, and why
 */
export async function forget(
  shell: Shell,
  bind: Bind,
  { isCutShort, isOnlyLooked }: { readonly isCutShort: boolean; readonly isOnlyLooked: boolean },
): Promise<Fate> {
  const { text, whyNot } = await fstabOf(shell)
  const without = withoutBind(text, bytesOf(bind))
  if (isKept(without, bytesOf(bind))) return { state: 'stays', why: 'it is in no block of dr-drill any more' }
  const state = without === text ? 'gone' : 'there'
  if (state === 'there' && whyNot !== undefined) return { state: 'stays', why: whyNot }
  if (isOnlyLooked) return { state }
  const isWhole = without === text || !isCutShort || !without.endsWith('\n')
  const why = await replaceFstab(shell, text, isWhole ? without : without.slice(0, -1))
  return why === undefined ? { state } : { state: 'stays', why }
}

function bytesOf({ local, origin }: Bind): Bind {
  const bytes = (path: string) => Buffer.from(path).toString('latin1')
  return { local: bytes(local), origin: bytes(origin) }
}
