import type { Machine } from './machine/machine.ts'
import type { ServerPlan, SitePlan } from './topology/topology.ts'

/** A server of a lab: its plan, and its machine. */
export interface Server {
  readonly plan: ServerPlan
  readonly machine: Machine
}

/** A site of a lab: its plan, and its machines. */
export interface Site {
  readonly plan: SitePlan
  readonly appliance: Machine
  readonly computes: readonly Machine[]
  /** All of them. */
  readonly nodes: readonly Machine[]
}
