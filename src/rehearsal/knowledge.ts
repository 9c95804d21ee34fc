import type { BackupPlan } from '../backup/backup-plan.ts'
import { Holdings } from './holdings.ts'

/** A workload that a site backs up, and the number of its snapshots so far. */
export interface WorkloadBackup {
  readonly plan: BackupPlan
  readonly site: string
  readonly share: string
  readonly snapshots: number
}

/** The facts that a rehearsal knows about its lab. */
export class Knowledge {
  /** The site that backs up: the first one. Undefined as long as the lab has no site. */
  primary: string | undefined
  /** The site that restores are made on: the one that came up last. */
  current: string | undefined
  readonly holdings = new Holdings()
  /** By the names of workloads. */
  readonly backups = new Map<string, WorkloadBackup>()

  copy(): Knowledge {
    const copy = new Knowledge()
    copy.adopt(this)
    return copy
  }

  /** Adds the knowledge of another rehearsal, whose lab this one continues with. */
  adopt({ primary, current, holdings, backups }: Knowledge): void {
    this.primary = primary
    this.current = current
    this.holdings.adopt(holdings)
    for (const [workload, backup] of backups) this.backups.set(workload, backup)
  }
}
