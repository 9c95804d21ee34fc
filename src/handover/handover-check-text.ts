import { counted } from '../text/plural.ts'
import { closing, type Style } from '../text/style.ts'
import { lineToCopy, sentenceLines } from '../text/text-lines.ts'
import type { CheckedWorkload, HandoverCheck } from './handover-check.ts'

const maxListed = 20

/** The check of a handover for people. */
export function handoverCheckText(
  check: HandoverCheck,
  { style, isAll }: { readonly style: Style; readonly isAll: boolean },
): string {
  // What every workload lacks is printed once.
  const [unassessed, others] = partition(check)
  const shown = isAll ? others : others.slice(0, maxListed)
  const lines = [
    ...shown.flatMap((one) => workloadLines(one, style)),
    ...(others.length > shown.length ? [`and ${others.length - shown.length} more: add --all`] : []),
    ...(unassessed > 0
      ? sentenceLines(
          `${counted(unassessed, 'workload')} not judged: no assessment shows whether a snapshot can be restored. Add --from-assessment FILE, the output of dr-drill assess --depth content --json.`,
          style.columns,
        )
      : []),
    ...check.unseen.flatMap((one) => sentenceLines(`not read: ${one}`, style.columns)),
  ]
  const mark = { 0: 'passed', 1: 'failed', 3: 'unknown' } as const
  const { workloads, handedOver, left, cloud } = check
  const sentence = `${handedOver} of ${counted(workloads.length, 'workload')} handed over to cloud ${cloud}${left > 0 ? `, ${left} left` : ''}.`
  const last = closing(style, mark[check.exitCode], sentence)
  return `${[...lines, ...(lines.length > 0 ? [''] : []), ...last].join('\n')}\n`
}

function partition({ workloads }: HandoverCheck): readonly [number, readonly CheckedWorkload[]] {
  let unassessed = 0
  const others = workloads.flatMap((one) => {
    const defects = one.defects.filter(({ code, message }) => {
      const isOfAll = code === 'not-assessed' && message.startsWith('no assessment')
      if (isOfAll) unassessed++
      return !isOfAll
    })
    return defects.length === 0 ? [] : [{ ...one, defects }]
  })
  return [unassessed, others]
}

function workloadLines({ id, name, user, project, defects }: CheckedWorkload, style: Style): readonly string[] {
  const owner = user === undefined ? '' : `, for ${user} in ${project}`
  const isFailed = defects.some(({ isUnknown }) => !isUnknown)
  const [first = '', ...more] = sentenceLines(
    `${name === undefined ? id : `${name} (${id})`}${owner}`,
    style.columns - 2,
  )
  return [
    `${style.mark(isFailed ? 'failed' : 'unknown')} ${first}`,
    ...more,
    ...defects.flatMap(({ message, remedy }) => [
      ...sentenceLines(message, style.columns, 2),
      ...(remedy === undefined ? [] : [lineToCopy(remedy, 4)]),
    ]),
  ]
}
