import { InputError } from '../errors.ts'
import { nearest } from '../input/nearest.ts'
import type { ReasonKind } from './reason.ts'

/** A reason as a step words it. */
export interface WordedReason {
  /**
   * Never `unknown`: no evidence could prove that a restore failed for an unknown reason. Nor `another target`: of one chain,
   * only that its parent is missing or its content wrong is proven.
   */
  readonly kind: Exclude<ReasonKind, 'unknown' | 'another target'>
  /** The origin path, if it is given. */
  readonly path?: string
  /** The share whose origin path is meant, if it is given. */
  readonly share?: string
}

/** The words for each reason, as they follow "fails because". */
export const reasonWordings: Readonly<Record<WordedReason['kind'], string>> = {
  'origin path missing': 'the origin path is missing',
  'origin path empty': 'the origin path is empty',
  'origin path not a directory': 'the origin path is not a directory',
  'parent missing': 'its parent is missing',
  'image missing': 'its image is missing',
  'not visible yet': 'an image is not visible there yet',
  'permission denied': 'permission is denied',
  'denied by policy': 'a policy denies it',
  locked: 'an image is locked',
  'not qcow2': 'an image is not in qcow2 format',
  'unsafe image': 'an image leads out of its target',
  cycle: 'its chain returns to itself',
  'wrong content': 'its content is wrong',
  'stale handle': 'the share has a stale handle',
  'not connected': 'the share is not connected',
  'not answering': 'the share is not answering',
}

const kinds: ReadonlyMap<string, WordedReason['kind']> = new Map(
  Object.entries(reasonWordings).map(([kind, words]) => [words, kind as WordedReason['kind']]),
)

/**
 * Parses `the share is not answering`, `the origin path "/var/…" is missing` or `the origin path of "host:/path" is empty`.
 * @throws InputError that names the nearest reason
 */
export function parseReason(text: string): WordedReason {
  const [origin = '', of, value] = /(?<=^the origin path)( of)? "([^"]*)"/.exec(text) ?? []
  const words = text.replace(origin, '')
  const kind = kinds.get(words)
  if (kind === undefined) {
    const meant = nearest(words, kinds.keys())
    const hint = meant === undefined ? '' : ` (did you mean "${meant}"?)`
    throw new InputError(`unknown reason "${text}"${hint}`, { remedy: `Known: ${[...kinds.keys()].join('; ')}.` })
  }
  if (value === undefined) return { kind }
  return of === undefined ? { kind, path: value } : { kind, share: value }
}
