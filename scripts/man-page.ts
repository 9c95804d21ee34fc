import type { Command } from 'commander'
import { wrap } from '../src/text/terminal.ts'

/** The manual page of a program and all its commands, from the same definitions as `--help`. */
export function manPage(program: Command, { version, date }: { version: string; date: Date }): string {
  const name = program.name()
  const { notes, examples, exitCodes } = textsOf(program)
  const lines = [
    `.TH ${escaped(name.toUpperCase())} 1 ${date.toISOString().slice(0, 10)} "${escaped(`${name} ${version}`)}"`,
    '.SH NAME',
    `${escaped(name)} \\- ${escaped(lowered(program.description()))}`,
    '.SH SYNOPSIS',
    `.B ${escaped(name)}`,
    escaped(program.usage()),
    ...section('.SH DESCRIPTION', notes.flatMap(paragraph).slice(1)),
    ...section('.SH OPTIONS', options(program)),
    '.SH COMMANDS',
    ...commandsBelow(program).flatMap((command) => describe(command, name)),
    ...section('.SH EXIT STATUS', exitCodes.flatMap(paragraph).slice(1)),
    ...section('.SH EXAMPLES', examples),
  ]
  return `${lines.join('\n')}\n`
}

function describe(command: Command, program: string): readonly string[] {
  const { notes, examples, exitCodes } = textsOf(command)
  return [
    `.SS ${escaped(`${pathOf(command, program)} ${command.usage()}`)}`,
    ...filled(`${capitalized(command.description())}.`),
    ...notes.flatMap(paragraph),
    ...argumentsOf(command),
    ...options(command),
    ...(examples.length === 0 ? [] : ['.PP', '.B Examples', '.PP', ...examples]),
    ...exitCodes.flatMap(paragraph),
  ]
}

/** The commands below a command that `--help` lists, each followed by its own. `help` needs no description. */
function commandsBelow(command: Command): readonly Command[] {
  const shown = command
    .createHelp()
    .visibleCommands(command)
    .filter((one) => one.name() !== 'help')
  return shown.flatMap((one) => [one, ...commandsBelow(one)])
}

function pathOf(command: Command, program: string): string {
  return command.parent?.parent
    ? `${pathOf(command.parent, program)} ${command.name()}`
    : `${program} ${command.name()}`
}

function argumentsOf(command: Command): readonly string[] {
  const help = command.createHelp()
  return help
    .visibleArguments(command)
    .flatMap((argument) => item(help.argumentTerm(argument), help.argumentDescription(argument)))
}

function options(command: Command): readonly string[] {
  const help = command.createHelp()
  return help
    .visibleOptions(command)
    .filter(({ long }) => long !== '--help' || command.parent === null)
    .flatMap((option) => item(help.optionTerm(option), help.optionDescription(option)))
}

const item = (term: string, description: string): readonly string[] => [
  '.TP',
  `.B ${escaped(term)}`,
  ...filled(description),
]
const section = (heading: string, lines: readonly string[]): readonly string[] =>
  lines.length === 0 ? [] : [heading, ...lines]
const paragraph = (text: string): readonly string[] => ['.PP', ...filled(text)]

interface HelpTexts {
  /** Paragraphs. */
  readonly notes: readonly string[]
  /** Lines of a block that keeps its line breaks. */
  readonly examples: readonly string[]
  readonly exitCodes: readonly string[]
}

/** What `--help` prints after the lists of arguments, options and commands. */
function textsOf(command: Command): HelpTexts {
  let help = ''
  command.configureOutput({ writeOut: (text) => (help += text) }).outputHelp()
  const blocks = help.slice(command.helpInformation().length).trim().split('\n\n')
  const isExamples = (block: string): boolean => block.startsWith('Examples:\n')
  const isExitCodes = (block: string): boolean => block.startsWith('Exit codes:')
  const joined = (block: string): string => block.replaceAll(/\s*\n\s*/g, ' ')
  return {
    notes: blocks.filter((block) => block !== '' && !isExamples(block) && !isExitCodes(block)).map(joined),
    examples: blocks.filter(isExamples).flatMap((block) => exampleLines(block.split('\n').slice(1))),
    exitCodes: blocks.filter(isExitCodes).map(joined),
  }
}

function exampleLines(lines: readonly string[]): readonly string[] {
  return ['.nf', '.RS 4', ...lines.map((line) => escaped(line.replace(/^ {2}/, ''))), '.RE', '.fi']
}

/** Text that roff prints as it is. */
function escaped(text: string): string {
  return text
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replaceAll('"', '\\(dq')
    .replace(/^(?=[.'])/, '\\&')
}

/** Lines that roff fills. Shorter source lines leave room for escapes: mandoc warns about more than 80 bytes. */
const filled = (text: string): readonly string[] => wrap(text, 64).map(escaped)

/** The form of a description in the list of all manual pages. */
function lowered(text: string): string {
  return text.replace(/\.$/, '').replace(/^./, (first) => first.toLowerCase())
}

const capitalized = (text: string): string => text.replace(/^./, (first) => first.toUpperCase())
