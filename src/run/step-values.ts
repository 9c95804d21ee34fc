import { dirname, join, resolve } from 'node:path'
import { DataTable } from '@cucumber/cucumber'
import { InputError } from '../errors.ts'
import type { PlannedStep } from './dry-run.ts'
import { PlannedNodes } from './planned-nodes.ts'
import type { Selection } from './selection.ts'

/** The part of Cucumber's support code library that formatters receive. */
interface StepDefinitions {
  readonly stepDefinitions: readonly {
    readonly id: string
    /** The file that defines it. */
    readonly uri: string
    readonly expression: { match(text: string): readonly { getValue(world: unknown): unknown }[] | null }
    /** The only field of a definition in which Cucumber keeps data of others. */
    readonly options: { readonly wrapperOptions?: { readonly readTable?: (table: DataTable) => unknown } }
  }[]
}

/** Lists the values and tables that a step's parameter types refuse, e.g. a share without a slash, with their places. */
export async function refusedValues(
  support: unknown,
  steps: readonly PlannedStep[],
  { project, parameters }: Selection,
): Promise<readonly string[]> {
  const byId = new Map((support as StepDefinitions).stepDefinitions.map((one) => [one.id, one]))
  const problems: string[] = []
  const nodesOf = new Map<string, PlannedNodes>()
  for (const { text, scenario, location, definitionIds, table } of steps) {
    const definition = byId.get(definitionIds[0] ?? '')
    const values = definition?.expression.match(text) ?? []
    const planned = nodesOf.get(scenario) ?? new PlannedNodes()
    nodesOf.set(scenario, planned)
    if (definition !== undefined && !isPublished(resolve(project, definition.uri))) planned.acceptAnyName()
    const reads = values.map((value) => () => value.getValue({ parameters, planned }))
    const readTable = definition?.options.wrapperOptions?.readTable
    if (table !== undefined && readTable !== undefined) reads.push(() => readTable(new DataTable(table)))
    for (const read of reads) {
      try {
        await read()
      } catch (error) {
        // Other errors may only mean that the scenario's World does not exist yet. The step itself reports them.
        if (error instanceof InputError)
          problems.push(
            [`${location}: ${error.message}`, ...(error.remedy === undefined ? [] : [`  ${error.remedy}`])].join('\n'),
          )
      }
    }
  }
  return [...new Set(problems)]
}

/** True for dr-drill's own step files, of which it is known which nodes they bring up. */
function isPublished(file: string): boolean {
  return dirname(file) === join(import.meta.dirname, '../../steps')
}
