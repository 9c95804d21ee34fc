import type { Site } from '../lab/site.ts'
import { guard, programSucceeded, pythonLine } from '../shell/python.ts'
import type { Shell } from '../shell/shell.ts'
import { endpointKey } from '../target/record-files.ts'
import type { WorkloadAt, WorkloadState } from '../verdict/observation/workload-state.ts'

/**
 * Reads the records of a workload below the mount paths in the arguments, and prints them as JSON. The schedule is opaque
 * text with `enabled` in it.
 */
const readRecords = `
import glob, json, os, re, sys
workload, paths = sys.argv[1], sys.argv[2:]
records, unread = [], []
for path in paths:
    base = os.path.join(path, 'workload_' + workload)
    names = [os.path.join(base, 'workload_db')] if os.path.lexists(base) else []
    for name in names + sorted(glob.glob(os.path.join(glob.escape(base), 'snapshot_*', 'snapshot_db'))):
        try:
            with open(name, encoding='utf-8') as file:
                record = json.load(file)
        except (OSError, ValueError) as error:
            unread.append('%s: %s' % (name, error))
            continue
        schedule = ''
        if name.endswith('workload_db'):
            found = re.search(r'''enabled['"]?\\s*[:=]\\s*['"]?(True|False|true|false|1|0)\\b''', str(record.get('jobschedule')))
            schedule = 'unknown' if found is None else 'enabled' if found[1].lower() in ('true', '1') else 'disabled'
        records.append({
            'source': os.path.relpath(name, path),
            'userId': record.get('user_id') or '',
            'projectId': record.get('project_id') or record.get('tenant_id') or '',
            'schedule': schedule,
            'share': next((str(row.get('value')) for row in record.get('metadata') or [] if row.get('key') == '${endpointKey}'), ''),
        })
json.dump({'records': records, 'unread': unread}, sys.stdout)
`

/** Looks at a workload where a site has it: in its records on the targets, and in the database of the workload manager. */
export async function lookAtWorkload(
  { plan, appliance }: Site,
  { name, id }: { readonly name: string; readonly id: string },
  shell: Shell = appliance.shell,
): Promise<WorkloadState> {
  const paths = plan.shares.map(({ mountPath }) => mountPath)
  const read = await shell.try([...pythonLine, guard + readRecords, id, ...paths], { user: plan.user })
  const found = JSON.parse(programSucceeded(read).stdout) as Pick<WorkloadState, 'records' | 'unread'>
  const env = { OS_USERNAME: 'admin', OS_PROJECT_NAME: 'admin' }
  const shown = await shell.try(['workloadmgr', 'workload-show', id, '-f', 'json'], { env })
  // Nothing else than its absence may look like it.
  if (shown.exitCode !== 0 && !shown.stderr.includes(`workload ${id} does not exist`))
    return {
      workload: name,
      ...found,
      unread: [...found.unread, `workload-show: ${shown.stderr.trim()}`],
      database: [],
    }
  return { workload: name, ...found, database: shown.exitCode === 0 ? [entryIn(shown.stdout)] : [] }
}

function entryIn(json: string): WorkloadAt {
  const { user_id: userId, project_id: projectId, scheduler } = JSON.parse(json) as Readonly<Record<string, string>>
  const schedule = scheduler === 'enabled' || scheduler === 'disabled' ? scheduler : 'unknown'
  return { source: 'workload-show', userId: userId ?? '', projectId: projectId ?? '', schedule }
}
