import { homedir, userInfo } from 'node:os'
import { MachineError } from '../errors.ts'

/** The name of the user who runs this process, or `#UID` without an entry in /etc/passwd. */
export function userName(): string {
  try {
    return userInfo().username
  } catch {
    return `#${process.getuid?.()}`
  }
}

/** The home folder of this user. @throws MachineError if neither HOME nor /etc/passwd has one */
export function homeFolder(): string {
  try {
    return homedir()
  } catch (cause) {
    const message = `user ${process.getuid?.()} has no home folder: HOME is not set, and /etc/passwd has no such user`
    throw new MachineError('no-home', message, { cause, remedy: 'Set HOME to a folder of yours.' })
  }
}
