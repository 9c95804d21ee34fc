import { statSync } from 'node:fs'
import { resolve } from 'node:path'
import { InputError } from '../errors.ts'

/** Somebody's way to recover a site: a command line for `sh`, or a script by itself. */
export type Runbook =
  | { readonly kind: 'command'; readonly line: string; readonly project: string }
  | { readonly kind: 'script'; readonly script: string }

/**
 * A command line of a project; its first word is a program, or a file of the project: `./recover.sh --fast`.
 * @throws InputError for a file that is not there, or that nobody may execute
 */
export function parseRunbook(line: string, project: string): Runbook {
  const [program = ''] = line.trim().split(/\s+/)
  if (program === '') throw new InputError('a runbook without a command')
  if (program.includes('/')) {
    const found = statSync(resolve(project, program), { throwIfNoEntry: false })
    if (found?.isFile() !== true) throw new InputError(`there is no runbook ${program} in ${project}`)
    if ((found.mode & 0o111) === 0)
      throw new InputError(`the runbook ${program} is not executable`, { remedy: `chmod +x ${program}` })
  }
  return { kind: 'command', line: line.trim(), project }
}
