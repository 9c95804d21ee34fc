import type { Duplex } from 'node:stream'
import type { LabOwner } from '../../localhost/lab-folder.ts'
import type { ProcessIdentity } from '../../localhost/process-identity.ts'
import type { ImageBuild } from './recipe.ts'

/** In the environment of a run's process, its children and its containers: by it, what a run has started is known. */
export const runVariable = 'DR_DRILL_RUN'

/** A file of a guest's seed: what the machine is arrives with these at its first boot. */
export interface SeedFile {
  readonly name: string
  readonly content: string
  /** e.g. 0o600 */
  readonly mode: number
}

export interface GuestSpec {
  /** Unique in its lab, fit for a host name. */
  readonly name: string
  /** 1–250, unique in its lab: names its network ports and makes its MAC and management addresses. */
  readonly number: number
  readonly memoryMib: number
  /** Virtual size of the data disk (`/srv`); holes cost nothing. */
  readonly dataDiskGib: number
  readonly seed: readonly SeedFile[]
  /** Archives of disks to begin with: what `saveDisks` wrote, a read-only `tool`. What is in none of them is new. */
  readonly disks: readonly string[]
  /** Everything the guest prints on its console. */
  readonly onConsole: (chunk: Uint8Array) => void
}

/** Who a lab is opened for. */
export type HubOptions = LabOwner

/** One guest kernel on its own disks. Ended by its lease, whatever state it is in. */
export interface Guest extends AsyncDisposable {
  readonly name: string
  /** Boots from the guest's own disk. @throws MachineError when it is running */
  start(): Promise<void>
  /** A power cut: what was not synced is lost. Does nothing when it is off. */
  powerCut(): Promise<void>
  /** Stops its processes; nothing of it answers until `resume`. */
  pause(): Promise<void>
  resume(): Promise<void>
  /** Writes its disks to a file, holes as holes. It must be off. */
  saveDisks(file: string): Promise<void>
  /** Takes its storage port down, and up again. Management goes on. */
  cut(): Promise<void>
  join(): Promise<void>
}

/** The network that joins the guests of one lab. All of it goes when the hub goes. */
export interface Hub extends AsyncDisposable {
  /** What the engine calls it: a container's id, a namespace's process. */
  readonly id: string
  /** Makes a guest and plugs it in; it is off. */
  addGuest(spec: GuestSpec): Promise<Guest>
  /** A TCP connection from the hub's management address to a guest's. */
  connect(address: string, port: number): Promise<Duplex>
}

/** Something with our label that is there: `container 3f2a… (run 2026…, recovery-compute-1)`. */
export interface Residue {
  readonly kind: 'container' | 'network' | 'volume' | 'namespace' | 'process' | 'mount' | 'folder'
  readonly id: string
  readonly run: string
  readonly name: string
  /** The process that made it, where that is written on it. */
  readonly owner?: ProcessIdentity
  readonly running?: boolean
}

export const engineNames = ['container', 'embedded'] as const
export type EngineName = (typeof engineNames)[number]

/** Where the guests of an engine are, as far as it tells. */
export interface EngineHost {
  /** Whether what is free here is what they can have: not when the engine is on another machine. */
  readonly isHere: boolean
  /** All the memory there is. */
  readonly memoryBytes?: number
  /** What their disks take is taken from here, where that can be seen. */
  readonly disk?: { readonly folder: string; readonly remedy: string }
}

/** What holds the guests. Every engine passes `contract.ts`. */
export interface Engine {
  readonly name: EngineName
  host(): Promise<EngineHost>
  /** @throws MachineError when it does not answer, with what to do */
  check(): Promise<{ readonly version: string }>
  /** The guest image of today's recipe; undefined when it is not there. */
  image(): Promise<string | undefined>
  /** Builds it, and says what it is called. @throws MachineError with what to do */
  buildImage(build: ImageBuild): Promise<string>
  /** Removes the images of all recipes, or says which they are. */
  removeImages(dryRun: boolean): Promise<readonly string[]>
  /** @throws MachineError when there is no guest image */
  openHub(options: HubOptions): Promise<Hub>
  /** Reaches into a lab of another process, which must hold its lease (for `shell`). */
  connectTo(hubId: string, address: string, port: number): Promise<Duplex>
  /** Everything of any run that is there now. */
  residue(): Promise<readonly Residue[]>
  /** Removes one piece of residue by force; that it is gone already is no error. */
  remove(residue: Residue): Promise<void>
}

/** Addresses of the management network, which exists only inside a lab. */
export const managementNetwork = {
  hub: '100.64.0.1',
  prefixLength: 24,
  addressOf: (guestNumber: number): string => `100.64.0.${guestNumber + 1}`,
  /** Whether an address of a topology would clash with it. */
  contains: (address: string): boolean => address.startsWith('100.64.0.'),
} as const
