import { readFileSync, readlinkSync } from 'node:fs'
import { basename } from 'node:path'

/** Set for processes that this one starts, and by `./drill`. */
const variable = 'DR_DRILL_NOHUP'

/**
 * True if this process was started to survive its terminal, by nohup(1) or by a script that ignores SIGHUP. Node.js resets
 * ignored signals before any code of ours runs, so this looks at what nohup leaves behind.
 */
export function ignoresHangUp(environment: NodeJS.ProcessEnv = process.env): boolean {
  const isIgnored =
    environment[variable] === '1' ||
    // Most shells set it to the program that they start, and nohup becomes the program that it is given.
    basename(environment['_'] ?? '') === 'nohup' ||
    isSignalIgnored(readOrEmpty(`/proc/${process.ppid}/status`)) ||
    hasInputOfNohup()
  if (isIgnored) environment[variable] = '1'
  return isIgnored
}

/** True if a process ignores SIGHUP, from the text of its /proc/PID/status. */
export function isSignalIgnored(status: string): boolean {
  const [, mask = '0'] = /^SigIgn:\s*([0-9a-f]+)$/m.exec(status) ?? []
  return (BigInt(`0x${mask}`) & 1n) === 1n
}

/** True if standard input is /dev/null without the right to read, which nohup puts in the place of a terminal. */
function hasInputOfNohup(): boolean {
  const [, flags = '0'] = /^flags:\s*([0-7]+)$/m.exec(readOrEmpty('/proc/self/fdinfo/0')) ?? []
  const isWriteOnly = (Number.parseInt(flags, 8) & 3) === 1
  return isWriteOnly && linkOrEmpty('/proc/self/fd/0') === '/dev/null'
}

function readOrEmpty(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}

function linkOrEmpty(path: string): string {
  try {
    return readlinkSync(path)
  } catch {
    return ''
  }
}
