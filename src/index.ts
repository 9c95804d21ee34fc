// The public API: what steps, the CLI and users import.
export type { ContentLink, ContentResult, ReadContent } from './assess/content.ts'
export type { SiteDescription } from './assess/site-of.ts'
export type { AssessmentSummary, FailOn } from './assess/summary.ts'
export { type AssessmentListener, type AssessmentRequest, assess } from './assessment/assessment.ts'
export { overview } from './assessment/overview.ts'
export { printableJson } from './assessment/printable.ts'
export { readSite } from './assessment/read-site.ts'
export type { ImageRecord } from './backup/catalog.ts'
export { type OpenContentReaderOptions, openContentReader } from './content/open-reader.ts'
export { assessed, assessOn, assessWhileStops } from './drill/assessing.ts'
export {
  addBindToFstab,
  addShareAndBindToFstab,
  addUnescapedShareToFstab,
  bindByHand,
  unbindByHand,
} from './drill/by-hand.ts'
export type { Drill } from './drill/drill.ts'
export { expectedFstab, lookAtFstab, restoreAfterInterruptions } from './drill/interrupted-recovery.ts'
export { type Moment, parseMoment } from './drill/interruption.ts'
export { labHooks } from './drill/lab-hooks.ts'
export { Labs, labsOf } from './drill/labs.ts'
export {
  inTheService,
  lookAtOriginPath,
  lookAtShares,
  onTheHost,
  shareAtLocal,
  shareAtOrigin,
} from './drill/looks.ts'
export type { PlannedNodes } from './drill/planned-nodes.ts'
export { mountShares, replaceShares, unmountShares } from './drill/product.ts'
export { refusalSubject } from './drill/recovery.ts'
export { Rehearsal } from './drill/rehearsal.ts'
export type { RestoreSeries } from './drill/restores.ts'
export { type Run, runOf } from './drill/run-context.ts'
export { parseRunbook, type Runbook } from './drill/runbook-command.ts'
export { nodeNames, type SiteSpec } from './drill/site-spec.ts'
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
export { answeringEngines, clean } from './lab/clean.ts'
export { until } from './lab/deadline.ts'
export type { Engine, EngineName } from './lab/engine/engine.ts'
export { openEngine } from './lab/engine/open-engine.ts'
export { enterMachine } from './lab/enter.ts'
export { endKeptLab, keptLabs } from './lab/kept-lab.ts'
export { LeasedFolder } from './lab/leased-folder.ts'
export { Ledger } from './lab/ledger.ts'
export type { Machine } from './lab/machine.ts'
export { relayToMachine } from './lab/relay.ts'
export { mountPoints, residueOf } from './lab/residue.ts'
export { StandingLab } from './lab/standing-lab.ts'
export { removeToolDisks, toolInGuest } from './lab/tool-disk.ts'
export { parseTopology, type Topology } from './lab/topology.ts'
export { readTopologyFile } from './lab/topology-file.ts'
export { type AsPlanned, asPlanned } from './operation/as-planned.ts'
export { checkNodes, type Resolution } from './operation/check.ts'
export {
  isDone,
  isInDoubt,
  makePlan,
  type Planned,
  type RecoveryPlan,
  type Strategy,
  whyUnchanged,
} from './operation/plan.ts'
export { loadPlan, savePlan, whatMoved } from './operation/plan-file.ts'
export { planScript } from './operation/plan-script.ts'
export { planUnits } from './operation/plan-units.ts'
export { Records } from './operation/record.ts'
export { type NodeResult, recover } from './operation/recover.ts'
export { readSecrets, type Secrets } from './operation/secrets.ts'
export { lookAtTakingBack, takeBack } from './operation/take-back.ts'
export { Team, type TeamOptions } from './operation/team.ts'
export { describeCheck, describePlan, describeResults, describeTakeBack } from './operation/text.ts'
export { wouldChange, wouldStay } from './operation/to-take-back.ts'
export type { Thoroughness } from './operation/verify.ts'
export type { RecoveryChoice } from './project/config.ts'
export type { ReasonKind } from './reason/reason.ts'
export type { FoundWorkload } from './scan/found.ts'
export { LocalShell } from './shell/local.ts'
export { findDistribution } from './target/distribution.ts'
export { parseShare } from './target/share.ts'
export { between } from './verdict/between.ts'
export { everyRestore, everyRestoreFails } from './verdict/every-restore.ts'
export { falseGreen } from './verdict/false-green.ts'
export { faster } from './verdict/faster.ts'
export { looksHealthy } from './verdict/looks-healthy.ts'
export { mentioned } from './verdict/mentioned.ts'
export { observed } from './verdict/observed.ts'
export { oneOf } from './verdict/one-of.ts'
export { phaseTimes } from './verdict/phase-times.ts'
export { runbookEnd, runbookOutputSubject } from './verdict/runbook.ts'
