import { printable } from '../../text/printable.ts'
import { wrap } from '../../text/terminal.ts'
import type { Notice, WorkloadNotice } from './notice.ts'
import {
  closingText,
  headingOf,
  introductionOf,
  labelOf,
  legend,
  listedOf,
  marks,
  type NoticeOptions,
  nextStepsOf,
  outsideOf,
  restOf,
  whenOf,
} from './notice-wording.ts'

const columns = 72

/** Returns a notice as plain text, in lines that mail programs do not wrap. */
export function noticeText(notice: Notice, options: NoticeOptions): string {
  const listed = listedOf(notice)
  const steps = nextStepsOf(notice, options)
  return [
    `Hello ${printable(notice.user)},`,
    '',
    ...introductionOf(notice).flatMap((sentence) => indented(sentence, 0)),
    '',
    ...legend.map(([standing, meaning]) => `${marks[standing]} ${standing}: ${meaning}`),
    ...notice.workloads.flatMap((workload) => ['', ...workloadLines(workload, listed)]),
    '',
    'WHAT TO DO NEXT',
    ...steps.flatMap((step, index) => indented(step, 3, `${index + 1}. `)),
    '',
    ...indented(closingText, 0),
    '',
  ].join('\n')
}

function workloadLines(workload: WorkloadNotice, listed: number): readonly string[] {
  const outside = outsideOf(workload)
  const rest = restOf(workload, listed)
  return [
    `WORKLOAD ${printable(workload.name)}`,
    ...indented(`project ${printable(workload.project)}, id ${printable(workload.workloadId)}`, 0),
    ...indented(headingOf(workload), 0),
    ...(outside === undefined ? [] : indented(outside, 0)),
    ...workload.snapshots
      .slice(0, listed)
      .flatMap((snapshot) => [
        '',
        ...indented(`${marks[snapshot.standing]} ${snapshot.standing}: ${labelOf(snapshot)}`, 2),
        ...indented(whenOf(snapshot), 4),
        `    snapshot ${printable(snapshot.snapshotId)}`,
        ...indented(printable(snapshot.reason), 4),
      ]),
    ...(rest === undefined ? [] : ['', ...indented(rest, 2)]),
  ]
}

/** Wraps a sentence. Its lines begin with blanks, and the first one with the prefix in their place. */
function indented(sentence: string, blanks: number, prefix = ' '.repeat(blanks)): readonly string[] {
  return wrap(sentence, columns - blanks).map((line, index) => `${index === 0 ? prefix : ' '.repeat(blanks)}${line}`)
}
