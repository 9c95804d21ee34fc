// The menu of faults: one a file.
export type { Fault, FaultEffect } from './fault.ts'
export { operatorMistake, parseMistake } from './operator-mistake.ts'
export { readOnlyShare } from './read-only-share.ts'
export { recordLoss } from './record-loss.ts'
export { serverOutage } from './server-outage.ts'
export { silentServer } from './silent-server.ts'
export { siteLoss } from './site-loss.ts'
export { slowServer } from './slow-server.ts'
