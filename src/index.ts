// The public API: what steps, the CLI and users import.

export { type AssessmentListener, type AssessmentRequest, assess } from './assess/assess.ts'
export type { AssessmentSummary, FailOn } from './assess/judge/assessment-summary.ts'
export type { ContentLink, ContentResult, ReadContent } from './assess/judge/content-port.ts'
export type { FoundWorkload } from './assess/scan/found.ts'
export { readSite } from './assess/site/read-site.ts'
export type { SiteDescription } from './assess/site/site-description.ts'
export { type AssessmentTextOptions, assessmentText } from './assess/text/assessment-text.ts'
export type { ImageRecord } from './backup/catalog.ts'
export { until } from './concurrency/deadline.ts'
export { type OpenContentReaderOptions, openContentReader } from './content/open-reader.ts'
export type { Drill } from './drill/drill.ts'
export { type Run, runOf } from './drill/run-context.ts'
export * from './errors.ts'
export * from './fault/index.ts'
export { type CreatedTarget, createTarget } from './generate/create.ts'
export { readShape, readShapeTable } from './generate/read-shape.ts'
export { Host, type HostOptions } from './inventory/hosts.ts'
export {
  type Access,
  type HostPlan,
  type HostSite,
  type Inventory,
  parseInventory,
  parseServicePlace,
  type ServicePlace,
  siteOfInventory,
} from './inventory/inventory.ts'
export { type Lack, lacksOf } from './inventory/lacks.ts'
export { type HostReport, probeHosts } from './inventory/probe.ts'
export { readInventory } from './inventory/read-inventory.ts'
export type { JournalEntry } from './journal/journal.ts'
export type { Engine, EngineName } from './lab/engine/engine.ts'
export { openEngine } from './lab/engine/open-engine.ts'
export type { Lab } from './lab/lab.ts'
export type { Machine } from './lab/machine/machine.ts'
export { answeringEngines, clean } from './lab/registry/clean.ts'
export { enterMachine } from './lab/registry/enter.ts'
export { endKeptLab, keptLabs } from './lab/registry/kept-lab.ts'
export { Ledger } from './lab/registry/ledger.ts'
export { relayToMachine } from './lab/registry/relay-to-machine.ts'
export { mountPoints, residueOf } from './lab/registry/residue.ts'
export { StandingLab } from './lab/registry/standing-lab.ts'
export { removeToolDisks, toolInGuest } from './lab/tool/tool-disk.ts'
export { parseTopology, type Topology } from './lab/topology/topology.ts'
export { readTopologyFile } from './lab/topology/topology-file.ts'
export { LeasedFolder } from './localhost/leased-folder.ts'
export type { RecoveryChoice } from './project/config.ts'
export type { ReasonKind } from './reason/reason.ts'
export { parseReason, type WordedReason } from './reason/wording.ts'
export { readSecrets, type Secrets } from './recovery/images/secrets.ts'
export { asPlanned, type PlannedOptions } from './recovery/site/as-planned.ts'
export { checkNodes, type Resolution } from './recovery/site/check-nodes.ts'
export { describePlan } from './recovery/site/describe-plan.ts'
export { describeCheck, describeResults } from './recovery/site/describe-results.ts'
export { describeUndo } from './recovery/site/describe-undo.ts'
export { makePlan, type PlanWithImages } from './recovery/site/make-plan.ts'
export type { NodeResult } from './recovery/site/node-result.ts'
export { planDifferences } from './recovery/site/plan-differences.ts'
export { loadPlan, savePlan } from './recovery/site/plan-file.ts'
export { planMountUnits } from './recovery/site/plan-mount-units.ts'
export { planScript } from './recovery/site/plan-script.ts'
export { recover } from './recovery/site/recover.ts'
export { isDone, isInDoubt, type RecoveryPlan, whyUnchanged } from './recovery/site/recovery-plan.ts'
export { Records } from './recovery/site/recovery-records.ts'
export { openSiteHosts, type SiteHosts, type SiteHostsOptions } from './recovery/site/site-hosts.ts'
export { previewUndo, undo, wouldChange, wouldKeep } from './recovery/site/undo.ts'
export type { Thoroughness } from './recovery/site/verify.ts'
export { assessed } from './rehearsal/assessments.ts'
export {
  addBindToFstab,
  addShareAndBindToFstab,
  addUnescapedShareToFstab,
  bindByHand,
  unbindByHand,
} from './rehearsal/by-hand.ts'
export { type Moment, parseMoment } from './rehearsal/interruption.ts'
export { expectedFstab, fstabAfter } from './rehearsal/interruption-fstab.ts'
export { Labs, labsOf } from './rehearsal/labs.ts'
export {
  type OriginPathView,
  originPathInService,
  originPathOnHost,
  shareAtLocalPath,
  shareAtOriginPath,
} from './rehearsal/looks.ts'
export { refusal } from './rehearsal/recovery.ts'
export { Rehearsal } from './rehearsal/rehearsal.ts'
export type { RestoreSeries } from './rehearsal/restore-series.ts'
export { parseRunbook, type Runbook } from './rehearsal/runbook-command.ts'
export { nodeNames, type SiteSpec } from './rehearsal/site-spec.ts'
export { labHooks } from './run/lab-hooks.ts'
export type { PlannedNodes } from './run/planned-nodes.ts'
export { LocalShell } from './shell/local.ts'
export type { Shell, User } from './shell/shell.ts'
export { findDistribution } from './target/distribution.ts'
export { parseShare } from './target/share.ts'
export { printableJson } from './text/printable.ts'
export { everyRestore, everyRestoreFails } from './verdict/claim/every-restore.ts'
export { falseGreen } from './verdict/claim/false-green.ts'
export { phaseTimes } from './verdict/claim/phase-times.ts'
export {
  type AnyObservation,
  defineObservation,
  type ObservationDefinition,
} from './verdict/observation/define-observation.ts'
export { type FactsGuard, isBoolean, isFiniteNumber, isListOf, isOneOf, isText } from './verdict/observation/facts.ts'
export type { Observed } from './verdict/observation/observed.ts'
export { runbookEndsWith, runbookOutput } from './verdict/observation/runbook-end.ts'
export { looksHealthy } from './verdict/observation/tool-run.ts'
export { entriesOf, fail, type Judgement, pass, type Question, UnjudgeableError, unknown } from './verdict/question.ts'
