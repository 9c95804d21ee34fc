import { InputError } from '../errors.ts'
import type { Stamp } from '../evidence/stamp-signatures.ts'

/** The values of `--timestamp` and `--no-timestamp`. */
export interface TimestampFlags {
  /** False for `--no-timestamp`. */
  readonly timestamp?: string | false
}

/**
 * Returns what asks the timestamp authority of the option, or of the configuration. Undefined without one.
 * @param hasKey false for a pack without signatures, which there is no timestamp for
 * @throws InputError for an option that cannot be used
 */
export function stampOf(
  { timestamp }: TimestampFlags,
  configured: string | undefined,
  hasKey: boolean,
): Stamp | undefined {
  if (timestamp === false) return undefined
  if (timestamp !== undefined && !hasKey)
    throw new InputError('--timestamp requires --key', { remedy: 'Sign the pack: a timestamp is about a signature.' })
  const address = timestamp ?? (hasKey ? configured : undefined)
  if (address === undefined) return undefined
  const authority = URL.canParse(address) ? new URL(address) : undefined
  if (authority === undefined || !/^https?:$/.test(authority.protocol))
    throw new InputError(`--timestamp ${address}: must be a URL with http or https`)
  return async (bytes, runEnd) => {
    const { requestTimestamp } = await import('../evidence/timestamp-authority.ts')
    return requestTimestamp(authority, bytes, runEnd)
  }
}
