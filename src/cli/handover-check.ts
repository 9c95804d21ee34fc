import { Command } from 'commander'
import { checkHandover } from '../handover/handover-check.ts'
import { handoverCheckText } from '../handover/handover-check-text.ts'
import { readAssessedWorkloads } from '../handover/records/assessed-workloads.ts'
import { interruptible } from '../run/interrupts.ts'
import { printableJson } from '../text/printable.ts'
import { styleOf } from '../text/style.ts'
import {
  addHandoverOptions,
  cloudHelp,
  type HandoverFlags,
  readClouds,
  readMappingOf,
  readTargets,
} from './handover-options.ts'

interface Flags extends HandoverFlags {
  readonly mapping: string
  readonly fromAssessment?: string
}

/** `handover check`: whether each workload belongs to whom the mapping says, and can be restored. */
export function handoverCheckCommand(): Command {
  return addHandoverOptions(new Command('check'))
    .description('check that all workloads have the owners of the mapping, a schedule, and a restorable snapshot')
    .requiredOption('--mapping <file>', 'mapping of the workloads to their new owners')
    .option('--from-assessment <file>', 'output of assess --depth content --json; without it, no restore is judged')
    .option('--all', 'list all workloads')
    .option('--json', 'print one JSON object')
    .addHelpText(
      'after',
      `
The record of the workload and those of all its snapshots must name the owner.
A reassignment that was interrupted leaves some behind. Each owner must exist,
be enabled, and have the role in the project. Each schedule must be enabled
again, unless the mapping lists the workload as unscheduled. That a record shows
whether the schedule is enabled is an assumption about the product.
${cloudHelp}

Examples:
  $ dr-drill assess /mnt/a --depth content --json >assessment.ndjson
  $ dr-drill handover check /mnt/a --cloud recovery --mapping mapping.yaml \\
      --from-assessment assessment.ndjson
  $ dr-drill handover check /mnt/a --cloud-file cloud.json \\
      --mapping mapping.yaml --json

Exit codes: 0 all handed over, 1 something is wrong, 2 wrong input, 3 unknown,
or not judged, 130 interrupted. 1 wins over 3.`,
    )
    .action(run)
}

async function run(paths: readonly string[], flags: Flags): Promise<void> {
  using interruption = interruptible()
  const { signal } = interruption
  const { cloud, judge } = await readClouds(flags, undefined, signal)
  const mapping = readMappingOf(flags.mapping, cloud)
  const assessed = flags.fromAssessment === undefined ? undefined : await readAssessedWorkloads(flags.fromAssessment)
  const { targets, workloads, unseen } = await readTargets(paths, flags.answerWithin, signal)
  const check = checkHandover({ cloud, targets, workloads, mapping, judge, assessed, unseen })
  process.stdout.write(
    flags.json
      ? `${printableJson({ kind: 'handover-check', ...check })}\n`
      : handoverCheckText(check, { style: styleOf(process.stdout), isAll: flags.all === true }),
  )
  process.exitCode = check.exitCode
}
