import type { Machine } from './machine/machine.ts'
import type { SitePlan } from './topology/site-plan.ts'
import type { ServerPlan } from './topology/topology.ts'

/** A server of a lab. */
export interface Server {
  readonly plan: ServerPlan
  readonly machine: Machine
}

/** A site of a lab. */
export interface Site {
  readonly plan: SitePlan
  readonly appliance: Machine
  readonly computes: readonly Machine[]
  /** The appliance and the compute nodes. */
  readonly nodes: readonly Machine[]
}
