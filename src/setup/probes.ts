import { readFileSync } from 'node:fs'
import { findPackageJSON } from 'node:module'
import { abortable } from '../concurrency/abortable.ts'
import { MachineError } from '../errors.ts'
import { readCapacity, requireCapacity } from '../lab/engine/capacity.ts'
import type { EngineName } from '../lab/engine/engine.ts'
import { openEngine } from '../lab/engine/open-engine.ts'
import { invocation } from '../localhost/invocation.ts'
import type { Probe } from './doctor.ts'
import { findGuestImage } from './guest-image.ts'
import { containerEngineRemedy, findContainerEngine } from './prepare-container-engine.ts'
import { bringUpSmallestLab } from './smallest-lab.ts'

/** Memory of the machines of the smallest lab: a server and the two nodes of a site. */
const machinesMib = [320, 320, 320]

/** Returns what a drill needs of this machine. Probes come after those that they need. */
export function probes(engine: EngineName): readonly Probe[] {
  const engineProbe = engine === 'container' ? containerEngine : embeddedEngine
  return [
    { name: 'node', remedy: 'Run ./drill, which installs a supported version.', try: tryNode },
    { name: 'dependencies', remedy: 'Run npm ci.', try: tryDependencies },
    engineProbe,
    // Only a container engine that answers reports the capacity of its machine.
    {
      name: 'memory and disk',
      needs: engine === 'container' ? [engineProbe.name] : [],
      try: (signal) => abortable(tryCapacity(engine), signal),
    },
    {
      name: 'guest image',
      needs: [engineProbe.name],
      remedy: `Run ${invocation} setup --engine ${engine}.`,
      try: (signal) => abortable(tryImage(engine), signal),
    },
    {
      name: 'a lab',
      needs: ['dependencies', 'memory and disk', engineProbe.name, 'guest image'],
      try: (signal) => bringUpSmallestLab(engine, signal),
    },
  ]
}

interface Manifest {
  readonly version: string
  readonly dependencies?: Readonly<Record<string, string>>
  readonly peerDependencies?: Readonly<Record<string, string>>
}

async function tryNode(): Promise<string> {
  const [major = 0] = process.versions.node.split('.').map(Number)
  if (major !== 24 && major < 26)
    throw new MachineError('node-version', `Node ${process.version} is not supported: 24, or 26 and later, is required`)
  return process.version
}

async function tryDependencies(): Promise<string> {
  const own = findPackageJSON('..', import.meta.url)
  if (own === undefined) throw new MachineError('manifest-missing', 'the package.json of dr-drill is missing')
  const { dependencies = {}, peerDependencies = {} } = readManifest(own)
  const names = Object.keys({ ...dependencies, ...peerDependencies })
  const found = names.map((name) => {
    const manifest = findPackageJSON(name, import.meta.url)
    if (manifest === undefined) throw new MachineError('dependency-missing', `the package ${name} is not installed`)
    return `${name} ${readManifest(manifest).version}`
  })
  return found.join(', ')
}

function readManifest(path: string): Manifest {
  return JSON.parse(readFileSync(path, 'utf8')) as Manifest
}

async function tryCapacity(engine: EngineName): Promise<string> {
  const capacity = await readCapacity(await openEngine(engine))
  requireCapacity(machinesMib, capacity)
  const { availableMemoryMib, availableDiskMib } = capacity
  return `${availableMemoryMib} MiB of memory and ${availableDiskMib} MiB of disk available`
}

const containerEngine: Probe = {
  name: 'container engine',
  remedy: containerEngineRemedy(),
  try: (signal) => abortable(tryContainerEngine(), signal),
}

const embeddedEngine: Probe = {
  name: 'embedded engine',
  try: (signal) => abortable(tryEmbeddedEngine(), signal),
}

async function tryEmbeddedEngine(): Promise<string> {
  const { version } = await (await openEngine('embedded')).check()
  return `${version}: user namespaces with mounts and a network`
}

async function tryContainerEngine(): Promise<string> {
  const found = await findContainerEngine()
  if (found === undefined) throw new MachineError('engine-missing', 'no container engine answers')
  return found
}

async function tryImage(engine: EngineName): Promise<string> {
  const found = await findGuestImage(engine)
  if (found === undefined) throw new MachineError('image-missing', 'the guest image is not built')
  return found
}
