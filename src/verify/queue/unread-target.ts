import { refuseWrongPath } from '../../assess/find-site.ts'
import type { ScanEvent } from '../../assess/scan/scan.ts'
import { MachineError } from '../../errors.ts'

type Unread = Extract<ScanEvent, { kind: 'no-target' | 'silent' }>

export const whyUnread = (event: Unread, path: string): string =>
  `${path} cannot be read: ${event.kind === 'silent' ? 'it does not answer' : event.message}`

/** Returns the error for a target that cannot be read. @throws InputError for a path that does not exist */
export function unreadTarget(event: Unread, path: string): MachineError {
  if (event.kind === 'no-target') refuseWrongPath(path, event.message)
  return new MachineError('target-not-read', whyUnread(event, path))
}
