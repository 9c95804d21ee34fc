import { domainToASCII } from 'node:url'

/** The parts that RFC 5321 allows without quotes. Quoted parts, comments, groups and lists are refused. */
const local = /^[a-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[a-z0-9!#$%&'*+/=?^_`{|}~-]+)*$/i
const label = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/i

/** Why a mail address is refused, or the address to write to. */
export type CheckedAddress = { readonly address: string } | { readonly refused: string }

/**
 * Checks a mail address before anything is written to it. The name of its domain is returned in ASCII. An address is never
 * corrected: with another one, a different person would get the mail.
 */
export function checkAddress(text: string): CheckedAddress {
  const at = text.lastIndexOf('@')
  const [name, domain] = [text.slice(0, at), text.slice(at + 1)]
  if (at < 1 || domain === '') return { refused: 'it is not NAME@DOMAIN' }
  if (/[^\x21-\x7e]/.test(name)) return { refused: 'its name has characters that mail servers may not accept' }
  if (!local.test(name)) return { refused: 'its name has characters that are not allowed without quotes' }
  if (name.length > 64) return { refused: 'its name has more than 64 characters' }
  // Letters outside of ASCII are encoded; characters that are dropped without a trace must not be there.
  if (/[\p{Cc}\p{Cf}\p{Zs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}/:@?#[\]\\%]/u.test(domain))
    return { refused: 'its domain has characters that are not allowed' }
  const ascii = domainToASCII(domain)
  if (ascii === '' || !ascii.split('.').every((part) => label.test(part)))
    return { refused: 'its domain is not the name of a host' }
  const address = `${name}@${ascii}`
  return address.length > 254 ? { refused: 'it has more than 254 characters' } : { address }
}
