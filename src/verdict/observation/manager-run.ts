import type { JournalEntry } from '../../journal/journal.ts'
import { entriesOf, fail, pass, type Question } from '../question.ts'
import { defineObservation } from './define-observation.ts'
import { isText } from './facts.ts'
import type { AtPlace, Observed } from './observed.ts'

/** One command of the workload manager, as somebody ran it on an appliance. */
export interface ManagerRun {
  /** The command and its arguments. */
  readonly command: string
  /** The person: `an administrator`, or `alice in web-shop`. */
  readonly as: string
  /** Null if it was ended before it exited. */
  readonly exitCode: number | null
  readonly stdout: string
  readonly stderr: string
}

export const managerRuns = defineObservation('the command of the workload manager', isManagerRun)

/** The final state of a job that a command started. */
export interface ManagerJob {
  readonly id: string
  /** `available`, `error` or `cancelled`. `executing` if it did not end in time. */
  readonly status: string
  readonly error: string
}

export const managerJobs = defineObservation('the job of the workload manager', isManagerJob, {
  recordedWith: managerRuns,
})

function isManagerRun(facts: unknown): facts is ManagerRun {
  if (typeof facts !== 'object' || facts === null) return false
  const { command, as, exitCode, stdout, stderr }: Partial<Record<keyof ManagerRun, unknown>> = facts
  return [command, as, stdout, stderr].every(isText) && (exitCode === null || typeof exitCode === 'number')
}

function isManagerJob(facts: unknown): facts is ManagerJob {
  if (typeof facts !== 'object' || facts === null) return false
  const { id, status, error }: Partial<Record<keyof ManagerJob, unknown>> = facts
  return [id, status, error].every(isText)
}

/** Asks whether every command of the last step that ran any has exited with 0. */
export const managerSucceeds: Question<AtPlace> = {
  name: 'the workload manager succeeds',
  judge: (journal, at) => {
    const runs = managerRuns.observed(journal, at)
    const bad = runs.filter(({ facts }) => facts.exitCode !== 0)
    return bad.length > 0 ? fail(sentenceOf(bad), seqsOf(bad)) : pass(sentenceOf(runs), seqsOf(runs))
  },
}

export interface ExpectedManagerError extends AtPlace {
  /** A part of the message, in any case of letters. */
  readonly because: string
}

/** Asks whether every command of the last step that ran any has failed with a message. */
export const managerFails: Question<ExpectedManagerError> = {
  name: 'the workload manager fails with the expected message',
  judge: (journal, { because, ...at }) => {
    const runs = managerRuns.observed(journal, at)
    const odd = runs.filter(({ facts }) => facts.exitCode === 0 || !plain(facts.stderr).includes(plain(because)))
    return odd.length > 0
      ? fail(`${sentenceOf(odd)}, expected an error with "${because}"`, seqsOf(odd))
      : pass(sentenceOf(runs), seqsOf(runs))
  },
}

export interface ExpectedOutput extends AtPlace {
  readonly text: string
}

/** Asks whether every command of the last step that ran any has printed a text to standard output. */
export const managerPrints: Question<ExpectedOutput> = {
  name: 'the workload manager prints the expected text',
  judge: (journal, { text, ...at }) => {
    const runs = managerRuns.observed(journal, at)
    const odd = runs.filter(({ facts }) => !plain(facts.stdout).includes(plain(text)))
    return odd.length > 0
      ? fail(
          `${odd.map(({ facts }) => `${facts.command} printed: ${facts.stdout}`).join('; ')}, expected "${text}"`,
          seqsOf(odd),
        )
      : pass(`${sentenceOf(runs)}, and printed "${text}"`, seqsOf(runs))
  },
}

export interface ExpectedJobEnd extends AtPlace {
  readonly status: string
  /** A part of its error. Undefined for any. */
  readonly because?: string
}

/** Asks whether the jobs of the last step that started any have ended in a state. */
export const managerJobEnds: Question<ExpectedJobEnd> = {
  name: 'the job ends as expected',
  judge: (journal, { status, because = '', ...at }) => {
    const jobs = managerJobs.observed(journal, at)
    const odd = jobs.filter(({ facts }) => facts.status !== status || !plain(facts.error).includes(plain(because)))
    const show = (some: readonly Observed<ManagerJob>[]) =>
      some.map(({ facts }) => `job ${facts.id} is ${facts.status}${facts.error && `: ${facts.error}`}`).join('; ')
    return odd.length > 0
      ? fail(`${show(odd)}, expected ${status}${because && ` with "${because}"`}`, seqsOf(odd))
      : pass(show(jobs), seqsOf(jobs))
  },
}

/** Returns the failed commands that no finding rests on, except one about their output: no step expected the failure. */
export function unexaminedManagerRuns(journal: readonly JournalEntry[]): readonly Observed<ManagerRun>[] {
  const findings = entriesOf(journal, 'finding').filter(({ finding }) => finding.question !== managerPrints.name)
  const examined = new Set(findings.flatMap(({ finding }) => finding.evidence))
  return managerRuns.history(journal).filter(({ seq, facts }) => facts.exitCode !== 0 && !examined.has(seq))
}

/** Asks whether some step examined every command of the workload manager that failed. */
export const everyManagerRunExamined: Question<Record<never, never>> = {
  name: 'a step examined every failed command of the workload manager',
  judge: (journal) => {
    const left = unexaminedManagerRuns(journal)
    if (left.length > 0) return fail(sentenceOf(left), seqsOf(left))
    return pass('every failed command was examined', seqsOf(managerRuns.history(journal)))
  },
}

const seqsOf = (observed: readonly { readonly seq: number }[]): readonly number[] => observed.map(({ seq }) => seq)

const plain = (text: string): string => text.replace(/\s+/g, ' ').trim().toLowerCase()

function sentenceOf(runs: readonly Observed<ManagerRun>[]): string {
  return runs
    .map(({ where, facts: { command, as, exitCode, stderr } }) => {
      const message = stderr.replace(/\s+/g, ' ').trim()
      const why = exitCode !== 0 && message !== '' ? `: ${message}` : ''
      return `workloadmgr ${command}, run by ${as} on ${where}, exited with ${exitCode}${why}`
    })
    .join('; ')
}
