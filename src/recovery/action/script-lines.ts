/** Lines of a POSIX script (`set -eu`) that carries an action out. It can be run again. */
export interface ScriptLines {
  /** They change nothing, and stop the script where the action cannot be done. They run before the changes of all actions. */
  readonly checks: readonly string[]
  readonly changes: readonly string[]
}

/** A text as a shell comment: no character of a name may end it. */
export function commented(text: string): string {
  return text.replaceAll(/\p{Cc}/gu, ' ')
}

/** @param words what is printed, quoted for the shell where that is needed */
export function unless(condition: string, words: string): string {
  return `if ! ${condition}; then echo ${words} >&2; exit 1; fi`
}
