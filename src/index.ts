// The public API: what an author of steps, verdicts and faults imports. docs/api.md lists it.

// The drill and its lab

export type { ImageRecord } from './backup/catalog.ts'
export type { Drill } from './drill/drill.ts'
export { runOf } from './drill/run-context.ts'
export { exerciseOf } from './exercise/exercise-run.ts'
export type { Lab } from './lab/lab.ts'
export type { Machine } from './lab/machine/machine.ts'
export { labsOf } from './rehearsal/labs.ts'
export { readMapping } from './rehearsal/mapping-file.ts'
export { Rehearsal } from './rehearsal/rehearsal.ts'
export type { RestoreSeries } from './rehearsal/restore-series.ts'
export type { RestoreAsker, RestoreWay } from './rehearsal/user-restores.ts'
export type { Shell, User } from './shell/shell.ts'

// Verdicts

export type { BackgroundOrigin, JournalEntry } from './journal/journal.ts'
export { everySnapshotRestored } from './verdict/claim/coverage.ts'
export { everyRestore, everyRestoreFails } from './verdict/claim/every-restore.ts'
export { falseGreen } from './verdict/claim/false-green.ts'
export type { Objective } from './verdict/claim/objectives.ts'
export { phaseTimes } from './verdict/claim/phase-times.ts'
export type { MailStanding } from './verdict/observation/mail.ts'
export * as notification from './verdict/observation/mail-verdicts.ts'
export { runbookEndsWith } from './verdict/observation/runbook-end.ts'
export { looksHealthy } from './verdict/observation/tool-run.ts'
export * as workloadManager from './verdict/observation/workload-verdicts.ts'
export { entriesOf, fail, type Judgment, pass, type Question, unknown } from './verdict/question.ts'
export { recordsOfSeries } from './verdict/series.ts'

// Observations

export { assessed } from './rehearsal/assessments.ts'
export { imagesThroughOriginPath, parseThroughOriginPath } from './rehearsal/images-through-paths.ts'
export { expectedFstab, fstabAfter } from './rehearsal/interruption-fstab.ts'
export {
  type OriginPathView,
  originPathInService,
  originPathOnHost,
  shareAtLocalPath,
  shareAtOriginPath,
} from './rehearsal/looks.ts'
export { refusal } from './rehearsal/recovery.ts'
export { defineObservation, type ObservationDefinition } from './verdict/observation/define-observation.ts'
export { type FactsGuard, isBoolean, isFiniteNumber, isListOf, isOneOf, isText } from './verdict/observation/facts.ts'
export { runbookOutput } from './verdict/observation/runbook-end.ts'

// Faults, and the work of an operator

export * from './fault/index.ts'
export * as byHand from './rehearsal/by-hand.ts'
export { type Moment, parseMoment } from './rehearsal/interruption.ts'

// Values in the wording of a step

export { readShapeTable } from './generate/read-shape.ts'
export { parseTopology, type Topology } from './lab/topology/topology.ts'
export { readTopologyFile, type TopologySource } from './lab/topology/topology-file.ts'
export type { RecoveryChoice } from './project/config.ts'
export { parseReason, type WordedReason } from './reason/wording.ts'
export { parseRunbook, type Runbook } from './rehearsal/runbook-command.ts'
export { nodeNames, type SiteSpec } from './rehearsal/site-spec.ts'
export { readUserTable } from './rehearsal/user-table.ts'
export type { PlannedNodes } from './run/planned-nodes.ts'
export { findDistribution } from './target/distribution.ts'
export { parseShare } from './target/share.ts'

// Errors

export { DrillError, InputError, MachineError } from './errors.ts'
