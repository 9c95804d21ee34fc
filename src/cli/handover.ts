import { Command } from 'commander'
import { handoverCheckCommand } from './handover-check.ts'
import { handoverNotifyCommand } from './handover-notify.ts'
import { handoverPlanCommand } from './handover-plan.ts'

const help = `
Examples:
  $ dr-drill handover plan /mnt/a --cloud recovery -o mapping.yaml
  $ dr-drill handover plan /mnt/a --cloud recovery --mapping mapping.yaml
  $ dr-drill handover check /mnt/a --cloud recovery --mapping mapping.yaml
  $ dr-drill handover notify --from-assessment a.ndjson \\
      --cloud-file cloud.json --from dr@example.org --dry-run

Exit codes: those of its commands.`

/** `handover`: what is left once the backups restore: workloads get new owners, and these are notified. */
export function handoverCommand(): Command {
  return new Command('handover')
    .addHelpText('after', help)
    .addCommand(handoverPlanCommand())
    .addCommand(handoverCheckCommand())
    .addCommand(handoverNotifyCommand())
}
