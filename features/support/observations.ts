// What scenarios about dr-drill itself observe.
import {
  defineObservation,
  type FactsGuard,
  isBoolean,
  isFiniteNumber,
  isListOf,
  isOneOf,
  isText,
} from '../../src/index.ts'

/** An exit code, or the signal that ended a process. */
export type Exit = number | string
const isExit: FactsGuard<Exit> = (facts): facts is Exit => isFiniteNumber(facts) || isText(facts)
const isTextList = isListOf(isText)

/** A run of the tool, as a process of its own. */
export const drillExit = defineObservation('the exit of the drill', isExit)
const withDrill = { recordedWith: drillExit }
export const drillOutput = defineObservation('the output of the drill', isText, withDrill)
export const leftOfDrill = defineObservation('the remains of the drill', isTextList, withDrill)
export const leftInLedger = defineObservation('the entries of the drill in the ledger', isTextList, withDrill)
/** How many scenarios each of its reports shows. */
export const reportedScenarios = defineObservation('the scenarios in the reports', isListOf(isFiniteNumber), withDrill)
export const journalIsReadable = defineObservation('the integrity of the journal', isBoolean, withDrill)
export const journalNotes = defineObservation('the notes in the journal', isText, withDrill)
export const checkpointStarts = defineObservation('the number of starts from a checkpoint', isFiniteNumber, withDrill)
/** Recorded by scenarios in `fixtures/`, whose journals the outer drill reads while it waits. */
export const waiting = defineObservation('waiting', isBoolean)

/** A lab that is kept or stands. */
export const labExit = defineObservation('the exit of the lab', isExit)
export const leftOfLab = defineObservation('the remains of the lab', isTextList)
export const enteredMachine = defineObservation('the name of the machine', isText)
export const endOfKeptLab = defineObservation('the end of the kept lab', isText)
export const printedBy = (command: string) => defineObservation(`the output of the command "${command}"`, isText)

export const doctorExit = defineObservation('the exit of doctor', isExit)
export const doctorOutput = defineObservation('the output of doctor', isText, { recordedWith: doctorExit })
export const wasInstalled = defineObservation('the installation of packages', isBoolean)

export const leftOfFirstSetup = defineObservation('the remains of the first setup', isTextList)
export const secondSetupExit = defineObservation('the exit of the second setup', isExit)
export const secondSetupOutput = defineObservation('the output of the second setup', isText)
export const leftOfSecondSetup = defineObservation('the remains of the second setup', isTextList)

export const leavingMarks = defineObservation('leaving marks', isText)
export const mark = defineObservation('the mark', isOneOf('mark', 'nothing'))

/** An assessment of a target, by the tool as a process of its own. */
export const assessmentExit = defineObservation('the exit of the assessment', isExit)
const withAssessment = { recordedWith: assessmentExit }
export const assessmentOutput = defineObservation('the output of the assessment', isText, withAssessment)
export const assessedStates = defineObservation('the states of the restores', isCounts, withAssessment)
export const chainStates = defineObservation('the states of the chain', isText, withAssessment)
export const findingCodes = defineObservation('the findings', isText, withAssessment)
export const neededOriginPaths = defineObservation('the origin paths needed', isTextList, withAssessment)
export const changesOnTarget = defineObservation('the changes on the target', isTextList, withAssessment)
/** One row of a table of targets, by its name. */
export const assessmentOf = (target: string) => defineObservation(`the assessment of ${target}`, isRow)

function isCounts(facts: unknown): facts is Readonly<Record<string, number>> {
  return typeof facts === 'object' && facts !== null && Object.values(facts).every(isFiniteNumber)
}

function isRow(facts: unknown): facts is Readonly<Record<string, string>> {
  return typeof facts === 'object' && facts !== null && Object.values(facts).every(isText)
}
