import { createHash } from 'node:crypto'
import { InputError } from '../errors.ts'
import { readNamedBytes } from '../localhost/named-file.ts'
import type { WorkloadManager } from './manager.ts'

const maxBytes = 2 ** 20
const setting = 'license'

/** A license that was accepted. */
export interface License {
  readonly file: string
  readonly sha256: string
  readonly acceptedAt: string
}

/**
 * Accepts a license. Assumption: every file that is not empty is one, as the vendor's format is not public.
 * @throws InputError if the file cannot be read, is empty or is too long
 */
export function createLicense(manager: WorkloadManager, file: string): License {
  const content = readNamedBytes({ what: 'the license', path: file, maxBytes })
  if (content.length === 0) throw new InputError(`the license ${file} is empty`)
  const sha256 = createHash('sha256').update(content).digest('hex')
  const license = { file, sha256, acceptedAt: new Date().toISOString() }
  manager.store.set(setting, license)
  return license
}

/** The license that was accepted last. Undefined if there is none. */
export function acceptedLicense(manager: WorkloadManager): License | undefined {
  return manager.store.setting(setting) as License | undefined
}

/** Without a license, the product does nothing. @throws InputError if there is none */
export function requireLicense(manager: WorkloadManager): void {
  if (acceptedLicense(manager) === undefined)
    throw new InputError('no license was accepted', { remedy: 'Run: workloadmgr license-create FILE --accept-eula' })
}
