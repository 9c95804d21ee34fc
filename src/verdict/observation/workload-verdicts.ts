// The questions about workload managers, for steps.
export { managerFails, managerJobEnds, managerPrints, managerSucceeds } from './manager-run.ts'
export { namesParentsUnder } from './named-parent.ts'
export { restoreEndsAs, restoreIsRefused } from './restore-end.ts'
export { snapshotEndsAs } from './snapshot-end.ts'
export { listContains, listIsEmpty } from './workload-list.ts'
export {
  databaseNamesOwner,
  recordsNameOwner,
  recordsNameShare,
  scheduleIs,
  siteKnowsWorkload,
} from './workload-state.ts'
