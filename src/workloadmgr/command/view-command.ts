import { Command, InvalidArgumentError, Option } from 'commander'
import { type CommandContext, openContext } from './command-context.ts'
import type { FormatName } from './output/formats.ts'
import type { View } from './output/view.ts'

/** A command with a name, a one-line description, and the text below its options. */
export interface CommandText {
  readonly name: string
  readonly summary: string
  readonly notes: string
}

const formats = {
  list: ['csv', 'json', 'table', 'value', 'yaml'],
  show: ['json', 'shell', 'table', 'value', 'yaml'],
} as const satisfies Record<string, readonly FormatName[]>

/** Makes a command that prints a list or one thing, with the options of OpenStack clients for its format. */
export function viewCommand(kind: 'list' | 'show', text: CommandText): Command {
  const one = kind === 'list' ? 'ID' : 'id'
  return plainCommand(text)
    .addOption(new Option('-f, --format <format>', 'output format').choices(formats[kind]).default('table'))
    .option('-c, --column <column>', `print only this column, e.g. ${one} (repeatable)`, collect, [])
}

/** Makes a command that prints sentences. */
export function plainCommand({ name, summary, notes }: CommandText): Command {
  return new Command(name).description(summary).addHelpText('after', `\n${notes.trim()}`)
}

/** Makes a command do its work. The values are its arguments, and then its options. */
export function doing<Values extends readonly unknown[]>(
  command: Command,
  work: (context: CommandContext, ...values: Values) => Promise<View | undefined>,
): Command {
  return command.action(async (...values: unknown[]) => {
    using context = await openContext(command)
    // Commander adds the command itself.
    const view = await work(context, ...(values.slice(0, -1) as unknown as Values))
    if (view !== undefined) await printView(view, command.opts())
  })
}

async function printView(
  view: View,
  { format = 'table', column = [] }: { readonly format?: FormatName; readonly column?: readonly string[] },
): Promise<void> {
  const [{ formatView }, { selectColumns }] = await Promise.all([
    import('./output/formats.ts'),
    import('./output/select-columns.ts'),
  ])
  process.stdout.write(await formatView(selectColumns(view, column), format))
}

/** Collects the values of a repeatable option. */
export function collect(value: string, before: readonly string[] = []): readonly string[] {
  return [...before, value]
}

/** Makes an option that takes `True` or `False`, as the product's options do. */
export function trueOrFalse(flags: string, description: string): Option {
  return new Option(`${flags} <bool>`, `${description} (True or False)`).argParser((text: string) => {
    const value = text.toLowerCase()
    if (value !== 'true' && value !== 'false') throw new InvalidArgumentError('Allowed: True, False.')
    return value === 'true'
  })
}
