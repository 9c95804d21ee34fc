import { counted } from '../text/plural.ts'
import { closing, type Style } from '../text/style.ts'
import { table } from '../text/table.ts'
import { lineToCopy, sentenceLines } from '../text/text-lines.ts'
import type { HandoverPlan } from './handover-plan.ts'
import type { HandoverState, JudgedWorkload } from './judge-owner.ts'

/** The meanings of the states, in the order in which they are listed. */
const meanings: Readonly<Record<HandoverState, string>> = {
  imports: 'its owner exists: import it',
  reassign: 'its owner is known: reassign it',
  'project-missing': 'its project does not exist, or its name is unknown',
  'user-missing': 'its user does not exist, or the name is unknown',
  'other-domain': 'the name exists in another domain, or in several',
  'role-missing': 'its user does not have the role',
  disabled: 'its project or user is disabled',
  'unreadable-record': 'its record is damaged or missing',
  unmapped: 'the mapping does not name its owner',
  'not-read': 'its record could not be read',
  left: 'it is not handed over',
}

const quiet: ReadonlySet<HandoverState> = new Set(['imports', 'reassign', 'left'])
const maxListed = 20
const maxCommands = 40

export interface PlanTextOptions {
  readonly style: Style
  readonly isAll: boolean
  /** True if the names of the old cloud are known. */
  readonly hasOldNames: boolean
  /** Commands to type next. */
  readonly next: readonly string[]
}

/** The plan of a handover for people. */
export function handoverPlanText(plan: HandoverPlan, { style, isAll, hasOldNames, next }: PlanTextOptions): string {
  const { workloads, states, cloud } = plan
  const rows = (Object.keys(meanings) as HandoverState[]).flatMap((state) =>
    states[state] === undefined ? [] : [[state, String(states[state]), meanings[state]]],
  )
  const columns = [
    { heading: 'state' },
    { heading: 'workloads', align: 'right' },
    { heading: 'meaning', overflow: 'wrap' },
  ] as const
  const open = workloads.filter(({ state }) => !quiet.has(state))
  const sections = [
    workloads.length === 0 ? [] : table(columns, rows, { style }),
    section(
      'To decide:',
      listed(open, isAll, (one) => workloadLines(one, style)),
    ),
    section(
      'Problems:',
      listed(plan.problems, isAll, (one) => sentenceLines(one, style.columns, 2)),
    ),
    section(
      'Not read:',
      listed(plan.unseen, isAll, (one) => sentenceLines(one, style.columns, 2)),
    ),
    hasOldNames || open.length === 0 || !workloads.some(isNameless)
      ? []
      : sentenceLines(
          'A target has the ids of its old projects and users, and not their names. Name the old cloud with --old-cloud or --old-cloud-file, or fill in the mapping.',
          style.columns,
        ),
    commandLines(plan, isAll),
    openScheduleLines(workloads, style),
  ]
  const mark = { 0: 'passed', 1: 'failed', 3: 'unknown' } as const
  const last = closing(style, mark[plan.exitCode], sentenceOf(plan, open.length, cloud), next)
  return `${[...sections, last]
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n')}\n`
}

const isNameless = ({ state }: JudgedWorkload): boolean => state === 'project-missing' || state === 'user-missing'

function sentenceOf({ workloads, states, unseen, problems }: HandoverPlan, open: number, cloud: string): string {
  const all = counted(workloads.length, 'workload')
  if (workloads.length === 0) return `No workload was found for cloud ${cloud}.`
  if (open > 0) return `${open} of ${all} cannot be handed over to cloud ${cloud} yet.`
  if (problems.length > 0) return `${counted(problems.length, 'problem')} must be solved first.`
  if (unseen.length > 0) return 'Not everything could be read: there may be more workloads.'
  return `All ${all} can be handed over to cloud ${cloud}: ${states.imports ?? 0} imported, ${states.reassign ?? 0} reassigned, ${states.left ?? 0} left.`
}

const section = (heading: string, lines: readonly string[]): readonly string[] =>
  lines.length === 0 ? [] : [heading, ...lines]

function listed<Item>(
  items: readonly Item[],
  isAll: boolean,
  lines: (item: Item) => readonly string[],
): readonly string[] {
  const shown = isAll ? items : items.slice(0, maxListed)
  const rest = items.length - shown.length
  return [...shown.flatMap(lines), ...(rest > 0 ? [`  and ${rest} more: add --all`] : [])]
}

function workloadLines({ workload, message, remedy }: JudgedWorkload, style: Style): readonly string[] {
  const { id, name } = workload
  const what = name === undefined ? id : `${name} (${id})`
  return [
    ...sentenceLines(`${what}: ${message ?? '?'}`, style.columns, 2),
    ...(remedy === undefined ? [] : [lineToCopy(remedy, 4)]),
  ]
}

function commandLines({ commands }: HandoverPlan, isAll: boolean): readonly string[] {
  const { imports, reassignments, schedules } = commands
  const all = [
    ...section('# import:', imports),
    ...section('# reassign, which also imports:', reassignments),
    ...section('# enable the schedules again, after that:', schedules),
  ]
  if (all.length === 0) return []
  const shown = isAll ? all : all.slice(0, maxCommands)
  const rest = all.length - shown.length
  return [
    'Commands, for an administrator on the appliance:',
    ...shown.map((line) => lineToCopy(line, 2)),
    ...(rest > 0 ? [`  and ${rest} more lines: add --all, or write them with --commands FILE`] : []),
  ]
}

function openScheduleLines(workloads: readonly JudgedWorkload[], style: Style): readonly string[] {
  const open = workloads.filter(({ isScheduleOpen }) => isScheduleOpen).length
  if (open === 0) return []
  const text = `${counted(open, 'workload')} may need enable-scheduler: no record shows whether a reassignment or the owner has disabled the schedule. Use the mapping from before the reassignment, or decide under \`unscheduled\` in a new one.`
  return sentenceLines(text, style.columns)
}
