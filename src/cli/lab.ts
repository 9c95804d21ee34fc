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
import { onInterrupt } from '../run/interrupts.ts'
import { newRunId } from '../run/run-id.ts'
import { chooseEngine, type EngineChoice } from '../setup/engine-choice.ts'
import { setUp } from '../setup/setup.ts'
import { engineHere, engineOption } from './engine-option.ts'
import { endWithParent, holdUntilTold, isHolder, runInHolder } from './hold.ts'
import { exitCodeFor, printError } from './print-error.ts'

const labHelp = `
Examples:
  $ dr-drill lab up fixtures/topologies/two-sites.yaml
  $ dr-drill lab list
  $ dr-drill lab down

Exit codes: 0 it is done, 2 wrong input, 3 it cannot be done, 130 interrupted.`

/** `lab`: labs that stand until they are taken down. */
export function labCommand(): Command {
  return new Command('lab')
    .description('labs to try things in: they stand until they are taken down')
    .addHelpText('after', labHelp)
    .addCommand(upCommand())
    .addCommand(downCommand())
    .addCommand(listCommand())
    .addCommand(connectCommand(), { hidden: true })
}

interface UpFlags {
  readonly engine?: EngineChoice
  readonly dir?: string
  readonly json?: true
}

function upCommand(): Command {
  return new Command('up')
    .description('bring a lab up, with ways into it for ssh, Ansible and dr-drill itself')
    .argument('<topology>', 'its file; also one in the folder for topologies')
    .addOption(engineOption())
    .option('--dir <dir>', 'the folder that is made for what leads into the lab')
    .option('--json', 'one JSON object on standard output, and everything for people on standard error')
    .addHelpText(
      'after',
      `
When it returns, every machine is up and every site has its shares mounted. The folder that it names has an ssh_config,
known_hosts and a key, an ansible-inventory.yaml, and an inventory.yaml for dr-drill. It is gone when the lab is.
Nothing is left of a lab that is interrupted while it comes up.

Examples:
  $ dr-drill lab up fixtures/topologies/two-sites.yaml
  $ ssh -F FOLDER/ssh_config recovery-compute-1 findmnt -t nfs,nfs4
  $ ansible -i FOLDER/ansible-inventory.yaml computes -m ping
  $ dr-drill lab down

Exit codes: 0 it is up, 2 wrong input, 3 it cannot be brought up, 130 interrupted.`,
    )
    .action(async (file: string, flags: UpFlags) => {
      if (!isHolder()) {
        process.exitCode = await runInHolder()
        return
      }
      endWithParent()
      await hold(file, flags)
    })
}

/** In the process that holds the lab, and outlives the command. */
async function hold(file: string, { engine, dir, json }: UpFlags): Promise<void> {
  const interrupted = new AbortController()
  const interrupts = onInterrupt({
    first: (error) => interrupted.abort(error),
    second: () => process.exit(130),
  })
  try {
    const { folder } = readConfig(process.cwd()).topologies
    const topology = parseTopology(readTopologyFile(file, folder), file)
    const say = (line: string) => void process.stderr.write(`${line}\n`)
    const chosen = await chooseEngine(engineHere(engine), say)
    await setUp(chosen, say, interrupted.signal)
    await using lab = await StandingLab.bringUp({
      topology,
      run: newRunId(new Date()),
      engine: chosen,
      signal: interrupted.signal,
      ...(dir !== undefined && { folder: resolve(dir) }),
    })
    process.stdout.write(json === true ? `${JSON.stringify(toJson(lab))}\n` : describe(lab))
    interrupts[Symbol.dispose]()
    await holdUntilTold(0)
  } catch (error) {
    const first: unknown = interrupted.signal.aborted ? interrupted.signal.reason : error
    printError(first)
    process.exitCode = exitCodeFor(first)
  }
  // Whatever is still under way cannot keep a lab that is gone.
  setTimeout(() => process.exit(), 2000).unref()
}

function toJson({ run, access: { machines, ...paths } }: StandingLab): object {
  return {
    run,
    ...paths,
    machines: machines.map(({ site, ...rest }) => ({ ...rest, ...(site && { site: site.name }) })),
  }
}

function describe({ run, access }: StandingLab): string {
  const [example = 'NODE'] = access.machines.filter(({ role }) => role === 'compute').map(({ name }) => name)
  return [
    `The lab ${run} is up: ${access.machines.map(({ name }) => name).join(', ')}`,
    `  in       ${access.folder}`,
    `  enter    ssh -F ${access.sshConfig} ${example}`,
    `  Ansible  ansible -i ${access.ansibleInventory} nodes -m ping`,
    `  end      ${invocation} lab down ${run}`,
    '',
  ].join('\n')
}

function downCommand(): Command {
  return new Command('down')
    .description('take a lab down, and all that there was of it')
    .argument('[lab]', 'which, as `lab list` has it; needed where several are up')
    .option('--all', 'every lab that is up or was kept')
    .addHelpText(
      'after',
      '\nExamples:\n  $ dr-drill lab down\n  $ dr-drill lab down 20261122t201500-3f9a1c\n\nExit codes: 0 it is down, 2 no such lab, or several.',
    )
    .action(async (name: string | undefined, { all }: { all?: true }) => {
      const ledger = new Ledger()
      const labs = (await keptLabs(ledger)).map(({ run }) => run)
      if (name === undefined && all !== true && labs.length !== 1)
        throw new InputError(
          labs.length === 0 ? 'no lab is up' : `several labs are up: say which of ${labs.join(', ')}`,
        )
      const chosen = name === undefined ? labs : [name]
      await Promise.all(chosen.map((run) => endKeptLab(ledger, run)))
      for (const run of chosen) process.stdout.write(`the lab ${run} is down\n`)
    })
}

function listCommand(): Command {
  return new Command('list')
    .description('which labs are up, or were kept by a run')
    .option('--json', 'one JSON object on standard output')
    .addHelpText(
      'after',
      '\nExamples:\n  $ dr-drill lab list\n  $ dr-drill lab list --json\n\nExit codes: 0, whether a lab is up or none.',
    )
    .action(async ({ json }: { json?: true }) => {
      const labs = (await keptLabs(new Ledger())).map(({ run, engine, startedAt, machines }) => ({
        run,
        engine,
        startedAt,
        machines: machines.map(({ where }) => where),
      }))
      if (json === true) process.stdout.write(`${JSON.stringify({ labs })}\n`)
      else if (labs.length === 0) process.stdout.write('no lab is up\n')
      for (const { run, engine, startedAt, machines } of json === true ? [] : labs)
        process.stdout.write(`${run}  ${engine}, since ${startedAt}: ${machines.join(', ')}\n`)
    })
}

/** What the ssh_config of a lab names: standard input and output become a connection to a machine's SSH server. */
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
