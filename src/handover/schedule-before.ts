import type { People } from '../identity/people.ts'
import type { OwnedWorkload } from './owned-workload.ts'

/**
 * The state of a schedule before the handover. A record shows the present one, and a reassignment disables it. So a disabled
 * schedule is `unknown` once the record names a project of the new cloud: its owner, or the reassignment, has disabled it.
 */
export function scheduleBefore(
  { schedule, owner: { projectId = '' } }: OwnedWorkload,
  people: People,
): 'enabled' | 'off' | 'unknown' {
  if (schedule === 'enabled') return 'enabled'
  if (schedule === 'none') return 'off'
  return schedule === 'unknown' || people.project(projectId) ? 'unknown' : 'off'
}
