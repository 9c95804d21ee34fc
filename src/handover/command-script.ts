import { lineToCopy } from '../text/text-lines.ts'
import type { HandoverPlan } from './handover-plan.ts'
import { chunks } from './manager-commands.ts'

/**
 * The commands as a shell script, which ends at the first one that fails, and can be run again. It skips workloads that the
 * site knows, and waits for each import, which can be a job.
 */
export function commandScript({ commands, cloud, workloads }: HandoverPlan): string {
  const { reassignments, schedules } = commands
  const imported = workloads.filter(({ state }) => state === 'imports').map(({ workload }) => workload.id)
  const imports = chunks(imported).map((ids) => `import_workloads ${ids.join(' ')}`)
  return [
    '#!/bin/sh',
    `# Hands workloads over on cloud ${cloud}. It ends at the first command that fails, and can be run again.`,
    '# The options of workload-reassign-workloads, enable-scheduler and workload-list --all are assumptions.',
    'set -eu',
    ...(imports.length > 0 ? importing.split('\n') : []),
    ...[...imports, ...reassignments, ...schedules],
  ]
    .map((line) => `${lineToCopy(line)}\n`)
    .join('')
}

const importing = `
# Prints those of the ids in the arguments that the site does not know.
unknown() {
  known=$(workloadmgr workload-list --all True -f value -c ID) || return
  for id; do
    case $known in *"$id"*) ;; *) echo "$id" ;; esac
  done
}

import_workloads() {
  missing=$(unknown "$@")
  for id; do
    case $missing in *"$id"*) ;; *) echo "workload $id is already known to this site, and is not imported again" ;; esac
  done
  [ -n "$missing" ] || return 0
  options=
  for id in $missing; do options="$options --workloadids $id"; done
  workloadmgr workload-importworkloads $options
  # From version 4.3 on, an import is a job, which goes on in the background.
  tries=300
  missing=$(unknown "$@")
  while [ -n "$missing" ]; do
    [ $tries -gt 0 ] || { echo "not imported after 10 minutes:" $missing >&2; exit 1; }
    tries=$((tries - 1))
    sleep 2
    missing=$(unknown "$@")
  done
}
`
