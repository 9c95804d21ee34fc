// The questions about workload managers, for steps.
export { managerFails, managerJobEnds, managerPrints, managerSucceeds } from './manager-run.ts'
export { listContains, listIsEmpty } from './workload-list.ts'
export { databaseNamesOwner, recordsNameOwner, scheduleIs, siteKnowsWorkload } from './workload-state.ts'
