// The menu of faults: one a file.
export type { Fault, Observation } from './fault.ts'
export { serverOutage } from './server-outage.ts'
export { siteLoss } from './site-loss.ts'
