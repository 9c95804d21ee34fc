import type { Delivery } from '../handover/mail/deliver.ts'
import type { Message } from '../handover/mail/message.ts'
import { restoringIn, type Unreachable } from '../handover/notice/notice.ts'
import { markedTable } from '../text/marked-table.ts'
import { counted, listed } from '../text/plural.ts'
import { closing, type Mark, type Style } from '../text/style.ts'
import { lineToCopy, sentenceLines } from '../text/text-lines.ts'

type State = Delivery['state'] | 'to be sent'

/** What `handover notify` has done, or would do. */
export interface NotifyReport {
  readonly isDryRun: boolean
  readonly depth: string
  readonly messages: readonly Message[]
  readonly deliveries: readonly (Omit<Delivery, 'state'> & { readonly state: State })[]
  readonly unreachable: readonly Unreachable[]
  /** Paths of files. */
  readonly written: readonly string[]
}

const marks: Readonly<Record<State, Mark>> = {
  sent: 'passed',
  'sent before': 'passed',
  refused: 'failed',
  'not sent': 'failed',
  'may have been sent': 'unknown',
  'to be sent': 'not run',
}

export function exitCodeOf({ deliveries, unreachable }: NotifyReport): 0 | 1 | 3 {
  const count = (mark: Mark) => deliveries.filter(({ state }) => marks[state] === mark).length
  if (unreachable.length + count('failed') > 0) return 1
  return count('unknown') > 0 ? 3 : 0
}

export function reportText(report: NotifyReport, style: Style): string {
  const { isDryRun, depth, messages, deliveries, unreachable, written } = report
  const contents = new Map(messages.map((message) => [message.userId, contentOf(message)]))
  const rows = deliveries.map(({ userId, user, to, state, why }) => ({
    mark: marks[state],
    cells: [user, to, state],
    why: [...(why === undefined ? [] : [why]), ...(contents.get(userId) ?? [])],
  }))
  const others = unreachable.map(({ user, userId, why, workloads }) => ({
    mark: 'failed' as const,
    cells: [user ?? userId ?? 'unknown owner', '', 'cannot be notified'],
    why: [`${why}; owner of ${listed(workloads, 10)}`],
  }))
  const lines = [
    ...markedTable([...rows, ...others], style),
    ...(depth === 'content'
      ? []
      : [
          '',
          ...sentenceLines('The assessment did not read content, so no snapshot is proven to restore.', style.columns),
        ]),
    ...(written.length === 0 ? [] : ['', 'Mails written:', ...written.map((path) => lineToCopy(path, 2))]),
    '',
    ...closing(style, ...conclusionOf(report, isDryRun)),
  ]
  return `${lines.join('\n')}\n`
}

function contentOf({ notice }: Message): readonly string[] {
  const all = notice.workloads.length
  return [
    `${restoringIn(notice)} of ${counted(all, 'workload')} proven to restore: ${listed(
      notice.workloads.map(({ name }) => name),
      10,
    )}`,
  ]
}

function conclusionOf({ deliveries, unreachable }: NotifyReport, isDryRun: boolean): [Mark, string] {
  const count = (...states: readonly State[]) => deliveries.filter(({ state }) => states.includes(state)).length
  const owners = deliveries.length + unreachable.length
  if (isDryRun) {
    const what = `${count('to be sent')} of ${counted(owners, 'owner')} would be notified`
    return unreachable.length > 0
      ? ['failed', `${what}. ${unreachable.length} cannot be notified. Nothing was sent.`]
      : ['not run', `${what}. Nothing was sent.`]
  }
  const [good, maybe] = [count('sent', 'sent before'), count('may have been sent')]
  const what = `${good} of ${counted(owners, 'owner')} notified`
  const rest = [
    ...(owners - good - maybe > 0
      ? [`${owners - good - maybe} not notified. Fix the reasons above, and run it again.`]
      : []),
    ...(maybe > 0 ? [`${maybe} may have been notified. Ask them, or repeat it with --resend.`] : []),
  ]
  const mark = owners - good - maybe > 0 ? 'failed' : maybe > 0 ? 'unknown' : 'passed'
  return [mark, [`${what}.`, ...rest].join(' ')]
}
