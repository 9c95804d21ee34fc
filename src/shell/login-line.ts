import { InputError } from '../errors.ts'
import { quote } from './quote.ts'
import type { Argv } from './shell.ts'

/** Linux limits a single argument to 128 KiB. A login shell gets its line in one. */
const maxLoginLineBytes = 128 * 1024 - 1
/** csh limits words to a kilobyte or a few. */
const wordBytes = 500

/**
 * The variables that commands keep of a login: who it is, and which container engine it uses. All others are dropped:
 * `LD_PRELOAD` with a library that does not exist, functions of bash with the names of programs, `BASH_ENV`, `TMOUT` …
 */
const kept = [
  ...['USER', 'LOGNAME', 'SHELL', 'TERM', 'KRB5CCNAME', 'XDG_RUNTIME_DIR'],
  ...['DOCKER_HOST', 'CONTAINER_HOST', 'CONTAINERD_ADDRESS', 'CONTAINERD_NAMESPACE', 'CONTAINER_RUNTIME_ENDPOINT'],
]

/** Where programs are, also for a login whose PATH lacks the folders of the administrator. */
const folders = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'

/** The environment of commands on this machine, as an SSH login has it there: see {@link markedLoginLine}. */
export function plainEnvironment(env: NodeJS.ProcessEnv): Record<string, string> {
  const own = kept.flatMap((name) => (env[name] === undefined ? [] : [[name, env[name]]]))
  return {
    LC_ALL: 'C',
    PATH: env['PATH'] ? `${env['PATH']}:${folders}` : folders,
    HOME: env['HOME'] || '/',
    ...Object.fromEntries(own),
  }
}

/** Replaces the login shell, so that nothing of its start files is in the way of commands: aliases, functions, traps. */
const inPlainEnvironment = `exec /usr/bin/env -i LC_ALL=C PATH="\${PATH:+$PATH:}${folders}" HOME="\${HOME:-/}" ${kept
  .map((name) => `\${${name}+"${name}=$${name}"}`)
  .join(' ')} /bin/sh -c "$0" "$@"`

/**
 * Prints the marks, with the id of its process group to standard error, and waits for `go`. So the caller knows what the
 * start files printed, whether the command began, and which group to stop. Then it reports the exit code, because ssh
 * exits with 255 for a lost connection, a signal and the exit code 255. The shell's own message about a signal is
 * discarded.
 */
const begin = `echo "$0" $$ >&2; echo "$0"; read -r go || exit 125; exec 3>&2 2>/dev/null; eval "$(printf %b "$@")"; echo "$0-end" $? >&3`

/** Returns the line for any login shell (of POSIX, csh, fish) that runs a command between marks, in a plain environment. */
export function markedLoginLine(argv: Argv, marker: string): string {
  return loginLine([begin, marker], `${quote(argv)} 2>&3 3>&-`)
}

/** Returns the line for any login shell that runs a POSIX script in a plain environment. */
export function scriptLoginLine(script: string): string {
  return loginLine(['eval "$(printf %b "$@")"', 'sh'], script)
}

/** @param words the first arguments of `sh -c`. All shells must quote them alike. */
function loginLine(words: readonly string[], script: string): string {
  const line = `exec /bin/sh -c ${[inPlainEnvironment, ...words, ...encoded(script)].map((word) => `'${word}'`).join(' ')}`
  if (Buffer.byteLength(line) > maxLoginLineBytes) {
    const remedy = 'Pass long text on standard input, or in a script.'
    throw new InputError(`the command line is too long for ssh: ${script.slice(0, 200)} …`, { remedy })
  }
  return line
}

/**
 * Writes a script in words that every shell quotes alike: in single quotes, csh expands `!`, fish reads backslashes, and
 * csh accepts no newline. `printf %b` decodes them. Words end at blanks where they can, so that they stay legible.
 */
function encoded(script: string): readonly string[] {
  const parts = script.match(/[^ ]* ?/gs) ?? []
  const words: string[] = []
  let word = ''
  for (const part of parts) {
    for (const letter of encodedLetters(part)) {
      if (word.length + letter.length > wordBytes) word = push(words, word)
      word += letter
    }
    if (word.length > wordBytes / 2) word = push(words, word)
  }
  return word === '' ? words : [...words, word]
}

function push(words: string[], word: string): '' {
  words.push(word)
  return ''
}

function encodedLetters(text: string): readonly string[] {
  return [...text].map((letter) =>
    /^[ -~]$/.test(letter) && !`'\\!`.includes(letter)
      ? letter
      : [...Buffer.from(letter)].map((byte) => `\\0${byte.toString(8).padStart(3, '0')}`).join(''),
  )
}
