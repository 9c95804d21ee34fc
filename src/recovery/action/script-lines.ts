/** A text as a shell comment: no character of a name may end it. */
export function commented(text: string): string {
  return text.replaceAll(/\p{Cc}/gu, ' ')
}

/** @param words what is printed, quoted for the shell where that is needed */
export function unless(condition: string, words: string): string {
  return `if ! ${condition}; then echo ${words} >&2; exit 1; fi`
}
