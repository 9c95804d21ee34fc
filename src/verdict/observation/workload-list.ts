import { fail, pass, type Question, unknown } from '../question.ts'
import { defineObservation } from './define-observation.ts'
import { isListOf, isText } from './facts.ts'
import { managerRuns } from './manager-run.ts'
import type { AtPlace } from './observed.ts'

/** A list that a command of the workload manager printed. */
export interface PrintedList {
  /** The command with its options. */
  readonly command: string
  /** Names or ids of workloads. */
  readonly workloads: readonly string[]
  /** Warnings that came with it, e.g. for records that it passed over. */
  readonly warnings: string
}

export const printedLists = defineObservation('the list of workloads', isPrintedList, { recordedWith: managerRuns })

function isPrintedList(facts: unknown): facts is PrintedList {
  if (typeof facts !== 'object' || facts === null) return false
  const { command, workloads, warnings }: Partial<Record<keyof PrintedList, unknown>> = facts
  return isText(command) && isText(warnings) && isListOf(isText)(workloads)
}

export interface ExpectedInList extends AtPlace {
  /** Empty for the claim that the list is empty. */
  readonly workloads: readonly string[]
  readonly isListed: boolean
}

/** Asks whether the last list contains workloads, or contains no workload of them. */
export const listContains: Question<ExpectedInList> = {
  name: 'the list contains the expected workloads',
  judge: (journal, { workloads, isListed, ...at }) => {
    if (workloads.length === 0) return unknown('the claim names no workload')
    const lists = printedLists.observed(journal, at)
    const evidence = lists.map(({ seq }) => seq)
    const sentence = lists.map(({ facts }) => showList(facts)).join('; ')
    const holds = lists.every(({ facts }) => workloads.every((one) => facts.workloads.includes(one) === isListed))
    if (holds) return pass(sentence, evidence)
    return fail(
      `${sentence}, expected ${isListed ? '' : 'no '}${workloads.join(isListed ? ' and ' : ' or ')}`,
      evidence,
    )
  },
}

/** Asks whether the last list is empty. */
export const listIsEmpty: Question<AtPlace> = {
  name: 'the list is empty',
  judge: (journal, at) => {
    const lists = printedLists.observed(journal, at)
    const full = lists.filter(({ facts }) => facts.workloads.length > 0)
    const sentence = lists.map(({ facts }) => showList(facts)).join('; ')
    return full.length === 0
      ? pass(
          sentence,
          lists.map(({ seq }) => seq),
        )
      : fail(
          `${sentence}, expected an empty list`,
          full.map(({ seq }) => seq),
        )
  },
}

const showList = ({ command, workloads, warnings }: PrintedList): string =>
  `${command} lists ${workloads.join(', ') || 'no workload'}${warnings && ` (${warnings})`}`
