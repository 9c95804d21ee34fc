import type { Duplex } from 'node:stream'
import type { LabOwner } from '../../localhost/lab-folder.ts'
import type { ProcessIdentity } from '../../localhost/process-identity.ts'
import type { ImageBuild } from './recipe.ts'

/** The variable with the id of the run, in the environment of its process, child processes and containers. */
export const runVariable = 'DR_DRILL_RUN'

/** A file of a guest's seed, which configures the machine at its first boot. */
export interface SeedFile {
  readonly name: string
  readonly content: string
  /** e.g. 0o600 */
  readonly mode: number
}

export interface GuestSpec {
  /** A host name, unique in the lab. */
  readonly name: string
  /** 1–250, unique in the lab. It determines the network port, the MAC address and the management address. */
  readonly number: number
  readonly memoryMib: number
  /** The virtual size of the data disk (`/srv`), which is sparse. */
  readonly dataDiskGib: number
  readonly seed: readonly SeedFile[]
  /** Archives of disks to start from: of `saveDisks`, or with the read-only disk `tool`. All other disks are new. */
  readonly disks: readonly string[]
  /** Receives the output of the guest's console. */
  readonly onConsole: (chunk: Uint8Array) => void
}

/** The owner of a lab. */
export type HubOptions = LabOwner

/** A guest kernel on its own disks. Its lease ends it in any state. */
export interface Guest extends AsyncDisposable {
  readonly name: string
  /** Boots from the guest's own disk. @throws MachineError if the guest is running */
  start(): Promise<void>
  /** Switches the guest off at once. Data that was not synced is lost. Does nothing if the guest is off. */
  powerCut(): Promise<void>
  /** Stops all processes of the guest until `resume`. */
  pause(): Promise<void>
  resume(): Promise<void>
  /** Writes the disks to a sparse file. The guest must be off. */
  saveDisks(file: string): Promise<void>
  /** Disconnects the storage network until `join`. The management network stays connected. */
  cut(): Promise<void>
  join(): Promise<void>
}

/** The network of the guests of a lab. The guests end when the hub ends. */
export interface Hub extends AsyncDisposable {
  /** The engine's name for the hub: the id of a container, or of the process of a namespace. */
  readonly id: string
  /** Creates a guest that is connected and switched off. */
  addGuest(spec: GuestSpec): Promise<Guest>
  /** Opens a TCP connection from the hub to the management address of a guest. */
  connect(address: string, port: number): Promise<Duplex>
}

/** Something that carries our label: `container 3f2a… (run 2026…, recovery-compute-1)`. */
export interface Residue {
  readonly kind: 'container' | 'network' | 'volume' | 'namespace' | 'process' | 'mount' | 'folder'
  readonly id: string
  /** Empty if it belongs to a command that is no run. */
  readonly run: string
  readonly name: string
  /** The process that created it. Undefined if its labels do not name one. */
  readonly owner?: ProcessIdentity
  readonly running?: boolean
}

export const engineNames = ['container', 'embedded'] as const
export type EngineName = (typeof engineNames)[number]

/** The host of an engine's guests, as far as the engine reports it. */
export interface EngineHost {
  /** True if the guests use the memory of this machine. */
  readonly isHere: boolean
  /** The total memory of the host. Undefined if unknown. */
  readonly memoryBytes?: number
  /** The folder with the disks of the guests. Undefined if it is not visible here. */
  readonly disk?: { readonly folder: string; readonly remedy: string }
}

/** Runs the guests of labs. Every engine passes the tests in `contract.ts`. */
export interface Engine {
  readonly name: EngineName
  host(): Promise<EngineHost>
  /** @throws MachineError with a remedy if the engine does not answer */
  check(): Promise<{ readonly version: string }>
  /** Returns the guest image of the current recipe. Undefined if it does not exist. */
  image(): Promise<string | undefined>
  /** Builds the guest image, and returns its name. @throws MachineError with a remedy */
  buildImage(build: ImageBuild): Promise<string>
  /** Removes the images of all recipes, unless `dryRun`. Returns their names. */
  removeImages(dryRun: boolean): Promise<readonly string[]>
  /** @throws MachineError if the guest image does not exist */
  openHub(options: HubOptions): Promise<Hub>
  /** Opens a TCP connection into a lab of another process, which must hold the lease (for `shell`). */
  connectTo(hubId: string, address: string, port: number): Promise<Duplex>
  /** Lists everything that carries our label, of all runs. */
  residue(): Promise<readonly Residue[]>
  /** Removes residue by force. Does nothing if it is already gone. */
  remove(residue: Residue): Promise<void>
}

/** The addresses of the management network, which exists only inside a lab. */
export const managementNetwork = {
  hub: '100.64.0.1',
  prefixLength: 24,
  addressOf: (guestNumber: number): string => `100.64.0.${guestNumber + 1}`,
  /** True if an address is in the management network. */
  contains: (address: string): boolean => address.startsWith('100.64.0.'),
} as const
