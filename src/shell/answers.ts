/**
 * A function for scripts, which prints a named answer of one line. Anything else on the stream is ignored: what start files
 * of a login shell print late, with or without a newline.
 */
export const answerFunction = `answer() { printf 'dr-drill:%s=%s\\n' "$1" "$2"; }`

/** Returns the answers of a script that has `answerFunction`, in their order. */
export function answersIn(stdout: string): readonly { readonly name: string; readonly value: string }[] {
  return [...stdout.matchAll(/dr-drill:(\w+)=(.*)$/gm)].map(([, name = '', value = '']) => ({ name, value }))
}

/** Returns an answer that a script gives once. Undefined if it did not. */
export function answerIn(stdout: string, name: string): string | undefined {
  return answersIn(stdout).find((answer) => answer.name === name)?.value
}
