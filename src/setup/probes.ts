import { readFileSync } from 'node:fs'
import { findPackageJSON } from 'node:module'
import { MachineError } from '../errors.ts'
import { readCapacity, requireCapacity } from '../lab/engine/capacity.ts'
import type { EngineName } from '../lab/engine/engine.ts'
import { openEngine } from '../lab/engine/open-engine.ts'
import { invocation } from '../localhost/invocation.ts'
import type { Probe } from './doctor.ts'
import { engineRemedy, findEngine } from './engine.ts'
import { findGuestImage } from './guest-image.ts'
import { bringUpSmallestLab } from './lab-probe.ts'

/** What the smallest lab takes: a server and the two nodes of a site. */
const machinesMib = [320, 320, 320]

/** Everything that a drill needs of this machine, in the order in which one thing needs the other. */
export function probes(engine: EngineName): readonly Probe[] {
  const holder = engine === 'container' ? containerEngine : embeddedEngine
  return [
    { name: 'node', remedy: './drill installs one that will do', try: tryNode },
    { name: 'dependencies', remedy: 'npm ci', try: tryDependencies },
    holder,
    // A container engine tells what its own machine has.
    { name: 'memory and disk', needs: engine === 'container' ? [holder.name] : [], try: () => tryCapacity(engine) },
    {
      name: 'guest image',
      needs: [holder.name],
      remedy: `${invocation} setup --engine ${engine}`,
      try: () => tryImage(engine),
    },
    {
      name: 'a lab',
      needs: ['dependencies', 'memory and disk', holder.name, 'guest image'],
      try: () => bringUpSmallestLab(engine),
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
    throw new MachineError('node-version', `this is Node ${process.version}; 24, or 26 and later, is needed`)
  return process.version
}

async function tryDependencies(): Promise<string> {
  const own = findPackageJSON('..', import.meta.url)
  if (own === undefined) throw new MachineError('manifest-missing', 'the package.json of dr-drill is not there')
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
  return `${availableMemoryMib} MiB of memory and ${availableDiskMib} MiB of disk to spare`
}

const containerEngine: Probe = { name: 'container engine', remedy: engineRemedy(), try: tryEngine }

const embeddedEngine: Probe = {
  name: 'embedded engine',
  try: async () =>
    `${(await (await openEngine('embedded')).check()).version}: namespaces, mounts and a network of one's own`,
}

async function tryEngine(): Promise<string> {
  const found = await findEngine()
  if (found === undefined) throw new MachineError('engine-missing', 'no container engine answers')
  return found
}

async function tryImage(engine: EngineName): Promise<string> {
  const found = await findGuestImage(engine)
  if (found === undefined) throw new MachineError('image-missing', 'the guest image is not there')
  return found
}
