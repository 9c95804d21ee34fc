import { existsSync, writeFileSync } from 'node:fs'
import { Command } from 'commander'
import { InputError } from '../errors.ts'
import { commandScript } from '../handover/command-script.ts'
import {
  type HandoverPlan,
  handoverPlanRecord,
  judgeByMapping,
  judgeByNames,
  planHandover,
  snapshotProblems,
  unreadRecords,
} from '../handover/handover-plan.ts'
import { handoverPlanText } from '../handover/handover-plan-text.ts'
import { managerCommands } from '../handover/manager-commands.ts'
import { mappingText } from '../handover/mapping-text.ts'
import { invocation } from '../localhost/invocation.ts'
import { interruptible } from '../run/interrupts.ts'
import { quote } from '../shell/quote.ts'
import { printableJson } from '../text/printable.ts'
import { styleOf } from '../text/style.ts'
import {
  addHandoverOptions,
  cloudHelp,
  defaultAnswerMs,
  type HandoverFlags,
  readClouds,
  readMappingOf,
  readTargets,
} from './handover-options.ts'

interface Flags extends HandoverFlags {
  readonly oldCloud?: string
  readonly oldCloudFile?: string
  readonly mapping?: string
  readonly out?: string
  readonly mapFile?: string
  readonly commands?: string
}

/** `handover plan`: who owns each workload on the new cloud, and the commands that hand them over. */
export function handoverPlanCommand(): Command {
  return addHandoverOptions(new Command('plan'))
    .description('report which workloads users of the new cloud can get, and who is to be decided on')
    .option('--old-cloud <name>', 'old cloud in clouds.yaml, for the names of its projects and users')
    .option('--old-cloud-file <file>', 'old cloud, as a file with its people')
    .option('--mapping <file>', 'mapping that a person has edited; default: by ids and names')
    .option('-o, --out <file>', 'write the proposed mapping, to be edited: a new file')
    .option('--map-file <file>', "write the product's map file of all reassignments: a new file")
    .option('--commands <file>', 'write the commands as a shell script: a new file')
    .option('--all', 'list all workloads and commands')
    .option('--json', 'print one JSON object')
    .addHelpText(
      'after',
      `
A target has ids of projects and users, and not their names. The names of the
old cloud come from --old-cloud or --old-cloud-file; otherwise the mapping has
places to fill in.
${cloudHelp}
The options of workload-reassign-workloads, the map file and enable-scheduler
are assumptions about the product.

Examples:
  $ dr-drill handover plan /mnt/a --cloud recovery -o mapping.yaml
  $ dr-drill handover plan /mnt/a /mnt/b --cloud recovery \\
      --old-cloud-file old.json -o mapping.yaml
  $ dr-drill handover plan /mnt/a --cloud recovery --mapping mapping.yaml \\
      --map-file map.yaml --commands handover.sh
  $ OS_CLOUD=recovery dr-drill handover plan /mnt/a --json

Exit codes: 0 all workloads can be handed over, 1 some cannot yet, 2 wrong
input, 3 unknown, 130 interrupted. 1 wins over 3.`,
    )
    .action(run)
}

async function run(paths: readonly string[], flags: Flags): Promise<void> {
  if (flags.out !== undefined && flags.mapping !== undefined)
    throw new InputError('--out cannot be combined with --mapping')
  using interruption = interruptible()
  const { signal } = interruption
  const { oldCloud, oldCloudFile } = flags
  const hasOldNames = oldCloud !== undefined || oldCloudFile !== undefined
  const old = hasOldNames ? { cloud: oldCloud, cloudFile: oldCloudFile } : undefined
  const { cloud, judge } = await readClouds(flags, old, signal)
  const mapping = flags.mapping === undefined ? undefined : readMappingOf(flags.mapping, cloud)
  const { targets, workloads, unseen } = await readTargets(paths, flags.answerWithin, signal)
  const { judged, problems } = mapping
    ? judgeByMapping(workloads, judge, mapping)
    : { judged: judgeByNames(workloads, judge), problems: [] }
  const plan = planHandover({
    cloud,
    targets,
    workloads: judged,
    problems: [...problems, ...snapshotProblems(workloads)],
    unseen: [...unseen, ...unreadRecords(workloads)],
    commands: managerCommands(judged, flags.mapFile),
  })
  if (flags.out !== undefined) writeNew(flags.out, mappingText(cloud, judged, judge))
  if (flags.mapFile !== undefined) writeNew(flags.mapFile, plan.commands.mapFile ?? 'reassign_mappings: []\n')
  if (flags.commands !== undefined) writeNew(flags.commands, commandScript(plan), 0o755)
  const next = nextCommands(paths, flags, plan)
  process.stdout.write(
    flags.json
      ? `${printableJson(handoverPlanRecord(plan, judge))}\n`
      : handoverPlanText(plan, { style: styleOf(process.stdout), isAll: flags.all === true, hasOldNames, next }),
  )
  process.exitCode = plan.exitCode
}

/** A mapping that a person has edited must not be lost. */
function writeNew(path: string, text: string, mode = 0o644): void {
  try {
    writeFileSync(path, text, { flag: 'wx', mode })
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException
    const remedy = code === 'EEXIST' ? 'Name a new file, or remove this one.' : undefined
    throw new InputError(`cannot write ${path}: ${message}`, { cause, ...(remedy !== undefined && { remedy }) })
  }
}

/** The commands to paste next. They name files that do not exist yet, because a plan writes new ones only. */
function nextCommands(paths: readonly string[], flags: Flags, plan: HandoverPlan): readonly string[] {
  const { mapping = flags.out } = flags
  const again = (verb: string, ...options: readonly string[]) =>
    `${invocation} ${quote(['handover', verb, ...paths, ...options])}`
  const same = sameOptions(flags)
  if (mapping === undefined) return [again('plan', ...same, ...sameOldCloud(flags), '-o', newName('mapping', '.yaml'))]
  if (flags.out !== undefined || plan.exitCode !== 0) {
    const files = ['--map-file', newName('map', '.yaml'), '--commands', newName('handover', '.sh')]
    return [again('plan', ...same, '--mapping', mapping, ...files)]
  }
  const assessment = newName('assessment', '.ndjson')
  return [
    `${invocation} ${quote(['assess', ...paths, '--depth', 'content', '--json'])} >${assessment}`,
    again('check', ...same, '--mapping', mapping, '--from-assessment', assessment),
  ]
}

function sameOptions({ cloud, cloudFile, role, answerWithin }: Flags): readonly string[] {
  return [
    ...(cloud === undefined ? [] : ['--cloud', cloud]),
    ...(cloudFile === undefined ? [] : ['--cloud-file', cloudFile]),
    ...(role === undefined ? [] : ['--role', role]),
    ...(answerWithin === defaultAnswerMs ? [] : ['--answer-within', `${answerWithin / 1000}s`]),
  ]
}

function sameOldCloud({ oldCloud, oldCloudFile }: Flags): readonly string[] {
  return [
    ...(oldCloud === undefined ? [] : ['--old-cloud', oldCloud]),
    ...(oldCloudFile === undefined ? [] : ['--old-cloud-file', oldCloudFile]),
  ]
}

function newName(stem: string, extension: string): string {
  let name = `${stem}${extension}`
  for (let nth = 2; existsSync(name); nth++) name = `${stem}-${nth}${extension}`
  return name
}
