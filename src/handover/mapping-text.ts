import { counted } from '../text/plural.ts'
import { printable } from '../text/printable.ts'
import type { JudgedWorkload, OldName, OwnerJudge } from './judge-owner.ts'
import { scheduleBefore } from './schedule-before.ts'

const head = `# The owner of each workload on the new cloud. Written by "dr-drill handover plan".
#
# Fill in each empty project and user: a name, DOMAIN/NAME, or an id. Move the ids of
# workloads that are not needed to "leave". Then create the commands:
#   dr-drill handover plan PATH... --cloud CLOUD --mapping THIS-FILE
`

const unscheduledNote = `# Workloads without an enabled schedule before the handover: none is expected afterwards.
# A reassignment disables schedules. Remove an id to have its schedule checked.`

const openNote = `# Workloads whose schedule before is unknown: a reassignment may have disabled it already, or
# their record is not understood. Remove the "#" before those that had none.`

/** Returns the proposed mapping as a file for people: with what is known of each owner, and what is to be filled in. */
export function mappingText(cloud: string, judged: readonly JudgedWorkload[], judge: OwnerJudge): string {
  const left = judged.filter(({ state }) => state === 'left' || state === 'unreadable-record' || state === 'not-read')
  const owned = judged.filter((one) => !left.includes(one))
  const groups = [...Map.groupBy(owned, groupKey).values()].toSorted((a, b) => b.length - a.length)
  const before = (state: ReturnType<typeof scheduleBefore>) =>
    owned.filter(({ workload }) => scheduleBefore(workload, judge.people) === state)
  const open = before('unknown')
  return [
    head,
    `cloud: ${yamlText(cloud)}`,
    '',
    'owners:',
    ...groups.flatMap((group) => groupLines(group, judge)),
    '',
    '# Workloads that are not handed over.',
    'leave:',
    ...left.map((one) => idLine(one, one.message ?? '', '  ')),
    '',
    unscheduledNote,
    'unscheduled:',
    ...before('off').map((one) => idLine(one, noteOf(one), '  ')),
    ...(open.length === 0 ? [] : [openNote]),
    ...open.map((one) => idLine(one, noteOf(one), '#  ')),
    '',
  ].join('\n')
}

/** Workloads of one old owner, with one proposal, are decided together. */
function groupKey({ workload, project, user, state }: JudgedWorkload): string {
  const { projectId, userId } = workload.owner
  return JSON.stringify([projectId, userId, project?.id, user?.id, state])
}

function groupLines(group: readonly JudgedWorkload[], judge: OwnerJudge): readonly string[] {
  const [first] = group
  if (first === undefined) return []
  const { workload, project, user, message, remedy } = first
  const { projectId = '?', userId = '?' } = workload.owner
  const from = [
    `${counted(group.length, 'workload')} of project ${described(judge.oldProject(workload), projectId)}`,
    `user ${described(judge.oldUser(workload), userId)}`,
  ]
  const why = [message, remedy].filter((one) => one !== undefined).join('. ')
  return [
    `  # ${printable(from.join(', '))}`,
    ...(why === '' ? [] : [`  # ${printable(why)}`]),
    `  - project: ${project === undefined ? '' : yamlText(judge.names.reference(project, 'project'))}`.trimEnd(),
    `    user: ${user === undefined ? '' : yamlText(judge.names.reference(user, 'user'))}`.trimEnd(),
    '    workloads:',
    ...group.map((one) => idLine(one, '', '      ')),
  ]
}

const described = (old: OldName | undefined, id: string): string => {
  if (old === undefined) return id
  return `${old.domain === undefined ? '' : `${old.domain}/`}${old.name} (${id})`
}

function idLine({ workload: { id, name = '' } }: JudgedWorkload, note: string, indent: string): string {
  const comment = [name, note].filter((one) => one !== '').join(': ')
  return `${indent}- ${id}${comment === '' ? '' : `  # ${printable(comment)}`}`
}

const noteOf = ({ workload: { schedule } }: JudgedWorkload): string => `schedule: ${schedule}`

/** A text that YAML reads as this text, whatever it is: also `no`, `1e3`, and one with control characters. */
function yamlText(text: string): string {
  const isPlain = /^[\p{L}][\p{L}\p{N}_./-]*$/u.test(text) && !/^(y|n|yes|no|on|off|true|false|null)$/i.test(text)
  return isPlain ? text : printable(JSON.stringify(text))
}
