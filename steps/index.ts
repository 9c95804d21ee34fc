// All steps of dr-drill: what a project of one's own loads as "dr-drill/steps".
import './support/setup.ts'
import './assess.ts'
import './backup.ts'
import './by-hand.ts'
import './fault.ts'
import './look.ts'
import './product.ts'
import './recovery.ts'
import './restore.ts'
import './runbook.ts'
import './site.ts'

export { DrillWorld, type RestoreChoice } from './support/world.ts'
