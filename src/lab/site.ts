import type { Machine } from './machine/machine.ts'
import type { SitePlan } from './topology/site-plan.ts'
import type { ServerPlan, ServicePlan } from './topology/topology.ts'

/** A server of a lab. */
export interface Server {
  readonly plan: ServerPlan
  readonly machine: Machine
}

/** A machine of a lab that runs a service beside the sites. */
export interface Service {
  readonly plan: ServicePlan
  readonly machine: Machine
}

/** A mail server, with the only user that may log in. */
export interface MailServer extends Service {
  readonly user: string
  readonly password: string
}

/** A site of a lab. */
export interface Site {
  readonly plan: SitePlan
  readonly appliance: Machine
  readonly computes: readonly Machine[]
  /** The appliance and the compute nodes. */
  readonly nodes: readonly Machine[]
}
