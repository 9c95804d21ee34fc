import { type Action, kindOf } from './kinds.ts'
import { commented } from './script-lines.ts'

/**
 * The actions as a POSIX script with the commands of the documented procedure, which a person can review and run by hand.
 * Run again, it does what is not done yet.
 */
export function script(actions: readonly Action[]): string {
  return ['#!/bin/sh', ...scriptBody(actions)].join('\n')
}

/** Lines of a script, without the first one. */
export function scriptBody(actions: readonly Action[]): readonly string[] {
  const parts = actions.map((action) => {
    const kind = kindOf(action)
    return { sentence: commented(kind.sentence(action)), ...kind.script(action) }
  })
  const checks = parts.flatMap((part) => part.checks)
  const changes = parts.flatMap((part) => [`# ${part.sentence}`, ...part.changes, ''])
  return ['set -eu', 'umask 022', '', '# check everything before the first change', ...checks, '', ...changes]
}
