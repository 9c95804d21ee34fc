import { quoteWord } from '../../shell/quote.ts'
import { age } from '../../text/duration.ts'
import { counted } from '../../text/plural.ts'
import { printable } from '../../text/printable.ts'
import { closing, plainStyle, type Style } from '../../text/style.ts'
import type { AssessmentSummary } from '../judge/assessment-summary.ts'
import { undeterminedCodes } from '../judge/target-finding.ts'
import { neededOriginPaths } from './origin-list.ts'

const marks = { 0: 'passed', 1: 'failed', 3: 'unknown' } as const

/** What came out, and the command to continue with. */
export function nextSteps(
  summary: AssessmentSummary,
  style: Style = plainStyle,
  program = 'dr-drill',
): readonly string[] {
  const facts = factsOf(summary)
  const { exitCode, totals } = summary
  const sentence =
    facts.length > 0
      ? `${facts.join('; ')}.`
      : `${totals.disks === 1 ? 'The only disk' : `All ${totals.disks} disks`} of snapshots can be restored now, ${basisOf(summary)}.`
  return closing(style, marks[exitCode], sentence, commands(summary, program))
}

/** What the verdict on sound disks rests on. */
function basisOf({ depth, totals: { disks, content } }: AssessmentSummary): string {
  if (depth === 'headers') return 'as far as headers show'
  if (depth === 'tables') return 'as far as headers and tables show'
  if (content.compared >= disks) return 'and their content has the digest that it had before'
  const without = counted(disks - content.compared, 'disk has', 'disks have')
  return `and their content can be read; ${without} no digest to compare it with`
}

function factsOf(summary: AssessmentSummary): readonly string[] {
  const { totals, unseen, maxAgeMs, findings, exitCode } = summary
  const { broken, unknown, 'with-secret': withSecret } = totals.states
  const { needOriginPath } = totals
  const origins = neededOriginPaths(summary).length
  const undetermined = exitCode === 3 ? findings.filter(({ code }) => undeterminedCodes.has(code)) : []
  const { broken: lost, unknown: unsure } = totals.workloadStates
  return [
    unseen.length > 0 ? 'INCOMPLETE: not everything could be read' : '',
    lost > 0
      ? `${lost} of ${counted(totals.workloads, 'workload')} ${lost === 1 ? 'has' : 'have'} no restorable snapshot`
      : '',
    unsure > 0 ? `${counted(unsure, 'workload is', 'workloads are')} unknown` : '',
    broken > 0 ? `${broken} of ${counted(totals.disks, 'restore')} ${broken === 1 ? 'is' : 'are'} broken` : '',
    unknown > 0 ? `${counted(unknown, 'restore is', 'restores are')} unknown` : '',
    totals.stale > 0
      ? `${counted(totals.stale, 'workload has', 'workloads have')} no restorable snapshot of the last ${age(maxAgeMs ?? 0)}`
      : '',
    needOriginPath > 0
      ? `${counted(needOriginPath, 'restore needs', 'restores need')} ${counted(origins, 'origin path')}`
      : '',
    withSecret > 0 ? `${counted(withSecret, 'restore needs', 'restores need')} a secret` : '',
    ...undetermined.map(({ code, count }) => `${code}${count === 1 ? '' : ` × ${count}`}`),
  ].filter((fact) => fact !== '')
}

/** The plan for what the site lacks; without that, another assessment, after repairs or of the content. */
function commands(summary: AssessmentSummary, program: string): readonly string[] {
  const { targets, pathsOnSite, site, depth, totals, exitCode, record, findings } = summary
  const inRecord = record === undefined ? [] : ['--record', record.path]
  const again = findings.some(({ code }) => code === 'assess-again') ? ['--depth', 'content'] : []
  const command = (...words: readonly string[]) =>
    `${program} ${words.map((word) => printable(quoteWord(word))).join(' ')}`
  if (totals.needOriginPath > 0)
    return pathsOnSite === undefined
      ? [command('plan', ...targets)]
      : [`${command('plan', ...pathsOnSite)}   (on a node of ${printable(site)})`]
  if (pathsOnSite !== undefined) return []
  if (exitCode !== 0) return [`${command('assess', ...again, ...inRecord, ...targets)}   (after the repairs above)`]
  return depth === 'content'
    ? []
    : [
        command(
          'assess',
          '--depth',
          'content',
          ...(totals.states['with-secret'] > 0 ? ['--secrets', 'DIR'] : []),
          ...inRecord,
          ...targets,
        ),
      ]
}
