import { X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { InputError } from '../errors.ts'

/**
 * Reads the certificates of timestamp authorities in PEM, as DER.
 * @throws InputError for a file that holds none, or something else between the lines of one
 */
export function readAuthorities(path: string): readonly Uint8Array[] {
  let pem: string
  try {
    pem = readFileSync(path, 'utf8')
  } catch (cause) {
    throw new InputError(`cannot read the certificates ${path}: ${(cause as Error).message}`, { cause })
  }
  const blocks = pem.match(/-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE-----/gs) ?? []
  if (blocks.length === 0)
    throw new InputError(`${path} holds no certificate in PEM`, {
      remedy: 'Convert one in DER: openssl x509 -inform der -in FILE',
    })
  return blocks.map((block, nth) => {
    try {
      return new X509Certificate(block).raw
    } catch (cause) {
      throw new InputError(`${path}: certificate ${nth + 1} cannot be read: ${(cause as Error).message}`, { cause })
    }
  })
}
