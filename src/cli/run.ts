import { Command, InvalidArgumentError } from 'commander'
import { DrillError } from '../errors.ts'
import { invocation } from '../localhost/invocation.ts'
import { configName } from '../project/config.ts'
import { ownVersion } from '../project/package.ts'
import { openProject } from '../project/project.ts'
import { type ExitCode, exitCodeOfError } from '../run/exit-code.ts'
import type { LabHooks } from '../run/lab-hooks.ts'
import { becomeWorker, runWorker } from '../run/parallel/worker.ts'
import { workerCountHere } from '../run/parallel/worker-count.ts'
import { execute } from '../run/run.ts'
import type { RunHooks } from '../run/run-hooks.ts'
import type { Selection } from '../run/selection.ts'
import type { Suite } from '../run/suite.ts'
import type { EngineChoice } from '../setup/engine-choice.ts'
import type { ProgressStream } from '../text/terminal.ts'
import { engineOption } from './engine-option.ts'
import { endWithParent, holdUntilTold, isHolder, runInHolder } from './hold.ts'
import { printError } from './print-error.ts'
import { Progress } from './progress.ts'
import { jsonReport, terminalReport } from './run-output.ts'
import { type RunFlags, type RunSettings, selectionOf, settingsOf } from './run-settings.ts'

export interface RunCommandOptions {
  /** What surrounds the drills: making sure that a lab can be had, and looking for what is left of one. */
  readonly labs?: (engine: EngineChoice) => LabHooks
  /** The same in a process that another one has started, which has seen to the rest. */
  readonly workerLabs?: (engine: string) => RunHooks
}

const examples = `
Without paths, tags and names, everything under features/ is run but what is tagged @full; another place for features,
and for steps, topologies and reports, goes into ${configName}.

Examples:
  $ dr-drill run                                        the drills of this project
  $ dr-drill run features/procedure                     those of a folder
  $ dr-drill run features/a.feature:12 --keep-lab       one scenario, and look around in its lab afterwards
  $ dr-drill run --tags "@full and not @slow"           a tag expression
  $ dr-drill run --name "after a reboot" --fail-fast    by name (a regular expression)
  $ dr-drill run --parallel auto                        features side by side, in one report
  $ dr-drill run --engine embedded                      in labs that need no container engine
  $ dr-drill run --json 2>/dev/null | jq .exitCode      for programs

Exit codes: 0 as specified, 1 a failure was found, 2 wrong input, 3 it could not be judged, 130 interrupted.`

/** `run`: drills features and reports on them. */
export function runCommand({ labs, workerLabs }: RunCommandOptions = {}): Command {
  const several = (value: string, before: readonly string[]): readonly string[] => [...before, value]
  return new Command('run')
    .description('run drills: features, against labs of their own')
    .argument('[paths...]', 'feature files, folders, patterns, or file:line')
    .option('-t, --tags <expression>', 'only scenarios with these tags')
    .option('-n, --name <regexp>', 'only scenarios named like this (repeatable)', several, [])
    .option('--fail-fast', 'run no more scenarios after the first that fails')
    .option('--dry-run', 'check that everything could be run, and list it')
    .addOption(engineOption())
    .option('--parallel <n>', 'drill features side by side, in so many processes, or auto (default: 1)', processCount)
    .option('--keep-lab', 'leave the lab up, and say how to enter it')
    .option('--json', 'print one JSON object, and everything for people on standard error')
    .option('--allow-not-run', 'a scenario that cannot be run here does not count against the run')
    .option('--reports <dir>', 'where reports go (default: reports)')
    .option('--config <file>', `configuration of the project (default: ${configName})`)
    .addHelpText('after', examples)
    .action(async (paths: readonly string[], flags: RunFlags) => {
      if (becomeWorker()) return await startWorker(paths, flags, workerLabs)
      if (flags.keepLab === true && flags.dryRun !== true && !isHolder()) {
        process.exitCode = await runInHolder()
        return
      }
      if (isHolder()) endWithParent()
      const { exitCode, hooks } = await run(paths, flags, labs)
      process.exitCode = exitCode
      if (hooks?.hasKept === true) {
        await holdUntilTold(exitCode)
        await hooks.endKept()
      }
      // Whatever a step has left running cannot keep a finished run from ending.
      setTimeout(() => process.exit(), 2000).unref()
    })
}

interface Ended {
  readonly exitCode: ExitCode
  readonly hooks?: LabHooks
}

async function run(paths: readonly string[], flags: RunFlags, labs: RunCommandOptions['labs']): Promise<Ended> {
  const people: ProgressStream = flags.json === true ? process.stderr : process.stdout
  try {
    const project = openProject(process.cwd(), flags.config)
    const settings = settingsOf(project, flags)
    const suite = await loadSuite(selectionOf(project, paths, flags))
    if (flags.dryRun === true) return { exitCode: list(suite, flags, people) }
    const hooks = labs?.(settings.engine)
    const exitCode = await drill(suite, flags, settings, hooks, people)
    return { exitCode, ...(hooks === undefined ? {} : { hooks }) }
  } catch (error) {
    const exitCode = exitCodeOfError(error)
    printError(error)
    if (flags.json === true) print({ exitCode, error: { code: codeOf(error), message: (error as Error).message } })
    return { exitCode }
  }
}

/** Drills what another process hands out. */
async function startWorker(
  paths: readonly string[],
  flags: RunFlags,
  labs: RunCommandOptions['workerLabs'],
): Promise<void> {
  const suite = await loadSuite(selectionOf(openProject(process.cwd(), flags.config), paths, flags))
  await runWorker({ suite, version: ownVersion(), argv: process.argv.slice(2), labs })
  process.exit()
}

/** Cucumber is loaded by who drills: every other command would wait for it. */
async function loadSuite(selection: Selection): Promise<Suite> {
  const { prepareSuite } = await import('../run/suite.ts')
  return await prepareSuite(selection)
}

function processCount(text: string): number | 'auto' {
  if (text === 'auto') return text
  if (!/^[1-9]\d*$/.test(text)) throw new InvalidArgumentError('It must be a number from 1, or auto.')
  return Number(text)
}

async function drill(
  suite: Suite,
  { failFast, keepLab, allowNotRun, json }: RunFlags,
  { reports, objectives, parallel, engine }: RunSettings,
  hooks: LabHooks | undefined,
  people: ProgressStream,
): Promise<ExitCode> {
  using progress = new Progress({ stream: people, scenarioCount: suite.scenarios.length })
  const { count, why } = await workerCountHere(
    parallel,
    suite.scenarios.filter(({ isIsolated }) => !isIsolated).map(({ location }) => location),
    // It is chosen later, and then may well be this.
    engine === 'auto' ? 'embedded' : engine,
  )
  if (why !== undefined) progress.print(why)
  const result = await execute({
    suite,
    reports,
    objectives,
    version: ownVersion(),
    argv: process.argv.slice(2),
    failFast: failFast === true,
    keepLab: keepLab === true,
    allowNotRun: allowNotRun === true,
    workers: count,
    ...(hooks === undefined ? {} : { hooks }),
    onEntry: (entry, worker) => progress.update(entry, worker),
    print: (text) => progress.print(text),
  })
  progress.print(terminalReport(result))
  if (hooks?.hasKept === true)
    progress.print(
      `The lab is kept. Enter it:  ${invocation} shell NODE   (${hooks.machines().join(', ')})\nEnd it:    ${invocation} clean --kept ${result.run}`,
    )
  if (json === true) print(jsonReport(result))
  return result.exitCode
}

function list({ scenarios }: Suite, { json }: RunFlags, people: ProgressStream): ExitCode {
  for (const { name, location } of scenarios) people.write(`${name} (${location})\n`)
  people.write(`${scenarios.length} can be run\n`)
  if (json === true) print({ exitCode: 0, scenarios: scenarios.map(({ name, location }) => ({ name, location })) })
  return 0
}

function print(object: object): void {
  process.stdout.write(`${JSON.stringify(object)}\n`)
}

function codeOf(error: unknown): string {
  return error instanceof DrillError ? error.code : 'unexpected'
}
