import { resolve } from 'node:path'
import { Command } from 'commander'
import { InputError } from '../errors.ts'
import { endKeptLab, keptLabs } from '../lab/registry/kept-lab.ts'
import { Ledger } from '../lab/registry/ledger.ts'
import { relayToMachine } from '../lab/registry/relay-to-machine.ts'
import { StandingLab } from '../lab/registry/standing-lab.ts'
import { parseTopology } from '../lab/topology/topology.ts'
import { readTopologyFile } from '../lab/topology/topology-file.ts'
import { invocation } from '../localhost/invocation.ts'
import { readConfig } from '../project/project.ts'
import { interruptible } from '../run/interrupts.ts'
import { newRunId } from '../run/run-id.ts'
import { chooseEngine, type EngineChoice } from '../setup/engine-choice.ts'
import { setUp } from '../setup/setup.ts'
import { closing, styleOf } from '../text/style.ts'
import { table } from '../text/table.ts'
import { engineHere, engineOption } from './engine-option.ts'
import { endWithParent, holdUntilSignal, isHolder, runInHolder } from './hold.ts'
import { holdBroken } from './lab-break.ts'
import { exitCodeFor, printError } from './print-error.ts'

const labHelp = `
Examples:
  $ dr-drill lab up fixtures/topologies/two-sites.yaml
  $ dr-drill lab list
  $ dr-drill lab down

Exit codes: 0 success, 2 wrong input, 3 failure, 130 interrupted.`

/** `lab`: labs for experiments, which run until they are ended. */
export function labCommand(): Command {
  return new Command('lab')
    .addHelpText('after', labHelp)
    .addCommand(upCommand())
    .addCommand(downCommand())
    .addCommand(listCommand())
    .addCommand(connectCommand(), { hidden: true })
}

interface UpFlags {
  readonly engine?: EngineChoice
  readonly break?: string
  readonly dir?: string
  readonly json?: true
}

function upCommand(): Command {
  return new Command('up')
    .description('start a lab, with access for ssh, Ansible and dr-drill')
    .argument('[topology]', 'topology file; searched in the folder for topologies as well')
    .option('--break <exercise>', 'instead of a topology: the broken site of an exercise, to practice on')
    .addOption(engineOption())
    .option('--dir <dir>', 'new folder for the files that lead into the lab (default: in the state folder)')
    .option('--json', 'print one JSON object; progress goes to standard error')
    .addHelpText(
      'after',
      `
When the command returns, all machines are up and all sites have their shares
mounted. It prints a folder with an ssh_config, known_hosts and a key, an
ansible-inventory.yaml, an inventory.yaml for dr-drill, and the password of each
mail server in NAME-password. The folder is removed with the lab. A start that
is interrupted leaves nothing behind.

With --break, the lab is as the exercise begins, and nothing counts the time. It
prints the briefing and a folder as participants get it. There, exercise verify
shows which objectives hold, and exercise hint what to look at.

Examples:
  $ dr-drill lab up fixtures/topologies/two-sites.yaml
  $ dr-drill lab up --break one-compute-was-forgotten
  $ ssh -F FOLDER/ssh_config recovery-compute-1 findmnt -t nfs,nfs4
  $ ansible -i FOLDER/ansible-inventory.yaml computes -m ping
  $ dr-drill lab down

Exit codes: 0 lab running, 2 wrong input, 3 start failed, 130 interrupted.`,
    )
    .action(async (file: string | undefined, flags: UpFlags) => {
      if (!isHolder()) {
        process.exitCode = await runInHolder()
        return
      }
      endWithParent()
      await holdOne(file, flags)
      // Open handles must not keep the process alive after its lab has ended.
      setTimeout(() => process.exit(), 2000).unref()
    })
}

async function holdOne(file: string | undefined, { break: exercise, ...flags }: UpFlags): Promise<void> {
  try {
    if (exercise === undefined && file !== undefined) await hold(file, flags)
    else if (exercise !== undefined && file === undefined && flags.dir === undefined)
      process.exitCode = await holdBroken(exercise, flags)
    else
      throw new InputError(
        flags.dir === undefined
          ? 'lab up needs either a topology or --break with an exercise'
          : '--break cannot be combined with --dir',
        { remedy: `See ${invocation} lab up --help.` },
      )
  } catch (error) {
    printError(error)
    process.exitCode = exitCodeFor(error)
  }
}

/** Starts the lab in the holder, and waits until it is to end. */
async function hold(file: string, { engine, dir, json }: UpFlags): Promise<void> {
  using interruption = interruptible()
  const { signal } = interruption
  try {
    const { folder } = readConfig(process.cwd()).topologies
    const topology = parseTopology(readTopologyFile(file, folder), file)
    const print = (line: string) => void process.stderr.write(`${line}\n`)
    const chosen = await chooseEngine(engineHere(engine), print)
    await setUp(chosen, print, signal)
    await using lab = await StandingLab.bringUp({
      topology,
      run: newRunId(new Date()),
      engine: chosen,
      signal,
      print,
      ...(dir !== undefined && { folder: resolve(dir) }),
    })
    process.stdout.write(json === true ? `${JSON.stringify(toJson(lab))}\n` : describe(lab))
    await holdUntilSignal(0)
  } catch (error) {
    const first: unknown = signal.aborted ? signal.reason : error
    printError(first)
    process.exitCode = exitCodeFor(first)
  }
}

function toJson({ run, access: { machines, ...paths } }: StandingLab): object {
  return {
    run,
    ...paths,
    machines: machines.map(({ site, ...rest }) => ({ ...rest, ...(site && { site: site.name }) })),
  }
}

function describe({ run, access }: StandingLab): string {
  const [example = 'NODE'] = access.machines.filter(({ site }) => site !== undefined).map(({ name }) => name)
  const machines = access.machines.map(({ name }) => name).join(', ')
  const next = [
    `ssh -F ${access.sshConfig} ${example}`,
    `ansible -i ${access.ansibleInventory} nodes -m ping`,
    `${invocation} lab down ${run}`,
  ]
  const lines = closing(styleOf(process.stdout), 'passed', `Lab ${run} is running: ${machines}.`, next)
  return [...lines, `  Files: ${access.folder}`, ''].join('\n')
}

function downCommand(): Command {
  return new Command('down')
    .description('end a lab, and remove everything of it')
    .argument('[lab]', 'lab as printed by lab list (default: the only one)')
    .option('--all', 'end all labs, also those that runs keep')
    .addHelpText(
      'after',
      '\nExamples:\n  $ dr-drill lab down\n  $ dr-drill lab down 20261122t201500-3f9a1c\n\nExit codes: 0 lab ended, 2 no such lab or more than one, 3 lab not ended.',
    )
    .action(async (name: string | undefined, { all }: { all?: true }) => {
      const ledger = new Ledger()
      const labs = (await keptLabs(ledger)).map(({ run }) => run)
      if (name === undefined && all !== true && labs.length !== 1)
        throw labs.length === 0
          ? new InputError('no lab is running')
          : new InputError('several labs are running', { remedy: `Name one of ${labs.join(', ')}, or pass --all.` })
      const chosen = name === undefined ? labs : [name]
      const ended = await Promise.all(chosen.map(async (run) => ({ run, wasRunning: await endKeptLab(ledger, run) })))
      for (const { run, wasRunning } of ended) {
        const sentence = wasRunning ? `Lab ${run} has ended.` : `Lab ${run} had ended already.`
        process.stdout.write(`${closing(styleOf(process.stdout), 'passed', sentence).join('\n')}\n`)
      }
    })
}

function listCommand(): Command {
  return new Command('list')
    .description('list running labs, also those that runs keep')
    .option('--json', 'print one JSON object')
    .addHelpText(
      'after',
      '\nExamples:\n  $ dr-drill lab list\n  $ dr-drill lab list --json\n\nExit codes: 0 labs listed, if any.',
    )
    .action(async ({ json }: { json?: true }) => {
      const labs = (await keptLabs(new Ledger())).map(({ run, engine, startedAt, machines }) => ({
        run,
        engine,
        startedAt,
        machines: machines.map(({ where }) => where),
      }))
      if (json === true) process.stdout.write(`${JSON.stringify({ labs })}\n`)
      else if (labs.length === 0) process.stdout.write('No lab of this user is running.\n')
      else {
        const columns = [
          { heading: 'lab' },
          { heading: 'engine' },
          { heading: 'started' },
          { heading: 'machines', overflow: 'wrap' },
        ] as const
        const rows = labs.map(({ run, engine, startedAt, machines }) => [
          run,
          engine,
          startedAt.replace(/\.\d+Z$/, 'Z'),
          machines.join(', '),
        ])
        process.stdout.write(`${table(columns, rows, { style: styleOf(process.stdout) }).join('\n')}\n`)
      }
    })
}

/** `lab connect`: connects standard input and output with the SSH server of a machine, for the ssh_config of a lab. */
function connectCommand(): Command {
  return new Command('connect')
    .argument('<machine>')
    .requiredOption('--run <run>')
    .requiredOption('--lab <lab>')
    .action(async (machine: string, place: { run: string; lab: string }) => {
      await relayToMachine(new Ledger(), machine, place)
      process.exit()
    })
}
