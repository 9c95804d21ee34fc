import { createHash } from 'node:crypto'
import { readFileSync, statSync } from 'node:fs'
import { relative, resolve } from 'node:path'
import { InputError } from '../errors.ts'

/** A recovery of your own: a command line for `sh`, or a script. */
export type Runbook =
  | { readonly kind: 'command'; readonly line: string; readonly project: string }
  | { readonly kind: 'script'; readonly script: string }

/**
 * Parses a command line of a project. Its first word is a program, or a file of the project: `./recover.sh --fast`.
 * @throws InputError if the file does not exist or is not executable
 */
export function parseRunbook(line: string, project: string): Runbook {
  const [program = ''] = line.trim().split(/\s+/)
  if (program === '') throw new InputError('the runbook has no command')
  if (program.includes('/')) {
    const found = statSync(resolve(project, program), { throwIfNoEntry: false })
    if (found?.isFile() !== true) throw new InputError(`the runbook ${program} does not exist in ${project}`)
    if ((found.mode & 0o111) === 0)
      throw new InputError(`the runbook ${program} is not executable`, { remedy: `chmod +x ${program}` })
  }
  return { kind: 'command', line: line.trim(), project }
}

/** Returns the SHA-256 of each file of the project that the command line names, by path. A script is part of its feature. */
export function runbookFileDigests(runbook: Runbook): Readonly<Record<string, string>> {
  if (runbook.kind === 'script') return {}
  const words = runbook.line.split(/[\s'"=;|&<>()]+/).filter(Boolean)
  const found = words.flatMap((word) => {
    const path = resolve(runbook.project, word)
    const name = relative(runbook.project, path)
    if (name.startsWith('..') || statSync(path, { throwIfNoEntry: false })?.isFile() !== true) return []
    return [[name, digestOf(path)] as const]
  })
  return Object.fromEntries(found)
}

function digestOf(path: string): string {
  try {
    return createHash('sha256').update(readFileSync(path)).digest('hex')
  } catch {
    return 'unreadable'
  }
}
