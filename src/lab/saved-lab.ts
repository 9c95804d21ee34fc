import type { KeyPair } from '../shell/key-pair.ts'
import type { SavedMachine } from './machine/saved-machine.ts'
import type { Server, Service, Site } from './site.ts'
import type { Topology } from './topology/topology.ts'

/** A lab as files. Its topology has only the sites and servers that existed when it was saved. */
export interface SavedLab extends Topology {
  readonly folder: string
  readonly clientKey: KeyPair
  readonly hostKey: KeyPair
  readonly machines: readonly SavedMachine[]
  /** Servers and sites that the lab had lost before. */
  readonly lost: {
    readonly servers: readonly Server[]
    readonly sites: readonly Site[]
    readonly services: readonly Service[]
  }
}
