import type { Argument, Command, Option } from 'commander'

/** The candidates for a word. The shell offers those that match. */
export type Candidates =
  | { readonly kind: 'words'; readonly words: readonly Candidate[] }
  /** The shell lists files itself. */
  | { readonly kind: 'files' }
  /** Names that only the ledger of runs knows. */
  | { readonly kind: 'machines' | 'runs' | 'labs' }

export interface Candidate {
  readonly word: string
  /** Empty if there is nothing to add. */
  readonly description: string
}

type Kind = Exclude<Candidates['kind'], 'words'> | 'free'

/** The kind of a value, by its placeholder in `--help`. A test checks that each placeholder is listed. */
export const kindsOfPlaceholders: Readonly<Record<string, Kind>> = {
  dir: 'files',
  exercise: 'files',
  file: 'files',
  inventory: 'files',
  'mount-path': 'files',
  path: 'files',
  paths: 'files',
  pack: 'files',
  topology: 'files',
  node: 'machines',
  lab: 'labs',
  run: 'runs',
  runs: 'runs',
  address: 'free',
  command: 'free',
  duration: 'free',
  expression: 'free',
  id: 'free',
  'id|name': 'free',
  list: 'free',
  moment: 'free',
  n: 'free',
  'n|n-m': 'free',
  'n/count': 'free',
  name: 'free',
  'name=key': 'free',
  person: 'free',
  place: 'free',
  regexp: 'free',
  share: 'free',
  'size|size-size': 'free',
  spec: 'free',
  text: 'free',
  'uid:gid': 'free',
  url: 'free',
  version: 'free',
  percent: 'free',
  size: 'free',
  'hh:mm-hh:mm': 'free',
}

/** Returns the placeholder of an option, e.g. `file` of `--plan <file>`. Undefined if it takes no value. */
export function placeholderOf({ flags }: Option): string | undefined {
  return /[<[]([^>\].]+)/.exec(flags)?.[1]
}

/**
 * Finds the candidates for the last word of a command line.
 *
 * @param words the words of the command line after the program; the last one, which may be empty, is to be completed
 */
export function candidatesFor(program: Command, words: readonly string[]): Candidates {
  const partial = words.at(-1) ?? ''
  const { command, position, option, isHelp, areOptionsOver } = walk(program, words.slice(0, -1))
  if (option !== undefined) return valuesOf(option.argChoices, placeholderOf(option))
  if (partial.startsWith('-') && !areOptionsOver) {
    if (!partial.includes('=')) return optionsOf(command)
    const named = findOption(command, partial.slice(0, partial.indexOf('=')))
    return named === undefined ? noWords : valuesOf(named.argChoices, placeholderOf(named))
  }
  if (position === 0 && command.commands.length > 0) return commandsOf(command, !isHelp)
  const argument = argumentAt(command, position)
  return argument === undefined || isHelp ? noWords : valuesOf(argument.argChoices, argument.name())
}

const noWords: Candidates = { kind: 'words', words: [] }

interface Place {
  readonly command: Command
  /** The number of arguments before the word. */
  readonly position: number
  /** The option that takes the word as its value. Undefined if the word is no value. */
  readonly option?: Option
  /** True after `help`, which takes the names of commands. */
  readonly isHelp: boolean
  /** True after `--`, and for the words of a command that ours runs. */
  readonly areOptionsOver: boolean
}

function walk(program: Command, words: readonly string[]): Place {
  let command = program
  let position = 0
  let isHelp = false
  let areOptionsOver = false
  let option: Option | undefined
  for (const word of words) {
    if (option !== undefined) option = undefined
    else if (areOptionsOver) position++
    else if (word === '--') areOptionsOver = true
    else if (word.startsWith('-')) {
      const named = findOption(command, word)
      if (named?.required === true) option = named
    } else {
      const next = position === 0 ? command.commands.find((one) => one.name() === word) : undefined
      if (next !== undefined) command = next
      else if (position === 0 && word === 'help' && command.commands.length > 0) isHelp = true
      else position++
      areOptionsOver = argumentAt(command, position)?.name() === 'command'
    }
  }
  return { command, position, ...(option && { option }), isHelp, areOptionsOver }
}

function findOption(command: Command, word: string): Option | undefined {
  return command.options.find(({ long, short }) => word === long || word === short)
}

function argumentAt({ registeredArguments }: Command, position: number): Argument | undefined {
  const last = registeredArguments.at(-1)
  return registeredArguments[position] ?? (last?.variadic === true ? last : undefined)
}

function valuesOf(choices: readonly string[] | undefined, placeholder = ''): Candidates {
  if (choices !== undefined) return { kind: 'words', words: choices.map((word) => ({ word, description: '' })) }
  const kind = kindsOfPlaceholders[placeholder] ?? 'free'
  return kind === 'free' ? noWords : { kind }
}

function commandsOf(command: Command, withHelp: boolean): Candidates {
  const words = command
    .createHelp()
    .visibleCommands(command)
    .map((one) => ({ word: one.name(), description: one.description() }))
  return { kind: 'words', words: withHelp ? words : words.filter(({ word }) => word !== 'help') }
}

function optionsOf(command: Command): Candidates {
  const words = command
    .createHelp()
    .visibleOptions(command)
    .flatMap(({ long, description }) => (typeof long === 'string' ? [{ word: long, description }] : []))
  return { kind: 'words', words }
}
