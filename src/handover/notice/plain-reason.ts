import type { AssessedSnapshot } from './assessment-file.ts'

/** Why a snapshot does not restore or is not proven, in words for its owner, by the codes of `assess`. */
const reasons: Readonly<Record<string, string>> = {
  'missing-parent': 'A backup that it builds on is missing from the copy of the backup storage.',
  'incomplete-replica': 'A part of it is missing from the copy of the backup storage.',
  'parent-outside-targets': 'It builds on a backup that is not in the copy of the backup storage.',
  'parent-mismatch': 'Its records and its data disagree about the backup that it builds on.',
  truncated: 'A part of its data is cut off.',
  'not-qcow2': 'A part of its data is damaged.',
  damaged: 'A part of its data is damaged.',
  'table-errors': 'A part of its data may be damaged.',
  'maybe-truncated': 'A part of its data may be cut off.',
  'size-mismatch': 'The size of a disk differs from the recorded size.',
  unreadable: 'A part of its data could not be read.',
  cycle: 'Its data refers to itself, so that it restores nothing.',
  'wrong-content': 'Its content differs from the content that was backed up.',
  'content-changed': 'Its content has changed since an earlier check.',
  'content-unreadable': 'Its content cannot be read.',
  'content-unknown': 'Its content could not be read during the check.',
  'unreadable-record': 'A record of the backup is unreadable.',
  'missing-record': 'A record of the backup is missing.',
  'secret-not-named': 'It is encrypted, and its records do not name the secret that opens it.',
}

const notOffered: Readonly<Record<string, string>> = {
  'not available': 'The backup did not complete, so that the product does not offer it.',
  'incomplete records': 'Records of the backup are missing or unreadable, so that the product does not offer it.',
  'no disks': 'It holds no disks.',
}

/** Returns the reason for a snapshot that the product does not offer. */
export const reasonNotOffered = (why: string): string => notOffered[why] ?? 'The product does not offer it.'

/** Returns the reason for a defect, with the VM and the disk that have it. */
export function reasonOf(defect: AssessedSnapshot['defect'], otherwise: string): string {
  if (defect === undefined) return otherwise
  const { code, vm, device } = defect
  const reason = reasons[code] ?? `${otherwise.replace(/\.$/, '')} (${code}).`
  return `${reason} Found on disk ${device}${vm === undefined ? '' : ` of VM ${vm}`}.`
}
