import { readFileSync } from 'node:fs'
import type { ImageRecord } from '../backup/catalog.ts'
import { InputError, MachineError } from '../errors.ts'
import { digestSource } from '../image/program.ts'
import type { Machine } from '../lab/machine/machine.ts'
import type { Site } from '../lab/site.ts'
import type { ChainObservation } from '../reason/evidence.ts'
import type { ReadChain } from '../restore/read-chains.ts'
import { judgeRestore } from '../restore/restore.ts'
import { python } from '../shell/python.ts'
import { quoteWord } from '../shell/quote.ts'
import type { ManagerRun } from '../verdict/observation/manager-run.ts'
import { type RestoreEnd, restoreEnds } from '../verdict/observation/restore-end.ts'
import { cloudOf, type NamedOwner } from './cloud-people.ts'
import { commandsOfFailed, type RestoreSeries } from './restore-series.ts'
import type { Scene } from './scene.ts'
import type { WorkloadManagers } from './workload-manager.ts'

/** A user who asks for something. Without a project, it is the only one of the user. */
export interface RestoreAsker {
  readonly user: string
  readonly project?: string
}

/** How a user restores a snapshot. */
export interface RestoreWay {
  /** The name of a compute of the site, without the site. Default: the workload manager chooses. */
  readonly compute?: string
  readonly isInPlace?: boolean
  /** The path of `restore.json` on this machine. */
  readonly mapping?: string
}

/** A disk of an instance that a user has restored. */
export interface InstanceDisk {
  readonly image: ImageRecord
  readonly node: Machine
  readonly path: string
}

/** What the workload manager records of a restore. */
interface RestoreEvidence {
  readonly id: string
  readonly status: string
  readonly errorText?: string
  readonly compute: string
  readonly result?: { readonly disks: readonly (ReadChain & { readonly imagePath: string; readonly disk?: string })[] }
}

const deadlineMs = 600_000
/** The folder of restored disks on computes. */
const instances = '/srv/instances'
const mappingFile = '/tmp/restore.json'

/**
 * The restores that users ask the workload manager for. Its own claims prove nothing: the disks that it leaves on a compute
 * are digested there, and become restores like those of the drill itself.
 */
export class UserRestores {
  readonly #scene: Scene
  readonly #manager: WorkloadManagers
  readonly #instances = new Map<string, InstanceDisk>()
  #count = 0

  constructor(scene: Scene, manager: WorkloadManagers) {
    this.#scene = scene
    this.#manager = manager
  }

  /** Asks for a restore, waits until it has ended, and records it with its evidence. Refused ones make no restore. */
  async make(asker: RestoreAsker, images: readonly ImageRecord[], way: RestoreWay = {}): Promise<RestoreSeries> {
    const { drill, site } = this.#scene
    const person = this.personOf(asker)
    const id = idIn(await this.#request(person, images, way))
    const series = (nodes: readonly Machine[]) => ({
      series: drill.series,
      images,
      nodes: nodes.map(({ where }) => where),
    })
    if (id === undefined) return series([])
    return await drill.during('restore', async () => {
      const found = await this.#waitFor(id, person)
      await this.#recordEnd(site, found, person)
      return series(found.status === 'cancelled' ? [] : [await this.#recordDisks(site, found, images, person)])
    })
  }

  /** Asks for a restore, and cancels it at once. */
  async cancel(asker: RestoreAsker, images: readonly ImageRecord[]): Promise<void> {
    const { drill, site } = this.#scene
    const person = this.personOf(asker)
    const id = idIn(await this.#request(person, images, {}))
    if (id === undefined) return
    await this.#manager.run(['restore-cancel', id, '-f', 'json'], person, 'restore')
    await drill.during('restore', async () => this.#recordEnd(site, await this.#waitFor(id, person), person))
  }

  /** The disks of the instances of a workload that users have restored. */
  instancesOf(workload: string): readonly InstanceDisk[] {
    return [...this.#instances.values()].filter(({ image }) => image.workload === workload)
  }

  /** Digests the disk of an instance at this moment. */
  async digest({ node, path }: InstanceDisk): Promise<string> {
    return await digestOn(node, path)
  }

  /** Finds the project of a user who has only one. @throws InputError for a user with several, or none */
  personOf({ user, project }: RestoreAsker): NamedOwner {
    if (project !== undefined) return { user, project }
    const { people } = cloudOf(this.#scene.site)
    const ids = people.users.flatMap(({ id, name }) => (name === user ? [id] : []))
    const own = people.projects.filter(({ id }) =>
      people.assignments.some(({ userId, projectId }) => projectId === id && ids.includes(userId)),
    )
    const [only] = own
    if (only !== undefined && own.length === 1) return { user, project: only.name }
    const names = own.map(({ name }) => name).join(', ') || 'none'
    throw new InputError(
      `user ${user} has ${own.length} projects (${names}): name one, as in: "${user}" in project "x"`,
    )
  }

  async #request(
    person: NamedOwner,
    images: readonly ImageRecord[],
    { compute, isInPlace = false, mapping }: RestoreWay,
  ): Promise<ManagerRun> {
    const [image] = images
    if (image === undefined) throw new InputError('no such snapshot was backed up')
    const kind = isInPlace ? 'inplace' : mapping === undefined ? 'oneclick' : 'selective'
    if (mapping !== undefined) await this.#writeMapping(mapping)
    const options = [
      ...(mapping === undefined ? [] : ['--filename', mappingFile]),
      ...(compute === undefined ? [] : ['--compute', compute]),
    ]
    return this.#manager.run(
      [`snapshot-${kind}-restore`, image.snapshotId, ...options, '-f', 'json'],
      person,
      'restore',
    )
  }

  async #writeMapping(path: string): Promise<void> {
    const text = readFileSync(path, 'utf8')
    const { shell } = this.#scene.site.appliance
    await shell.run({ script: `printf %s ${quoteWord(text)} >${mappingFile}; chmod 644 ${mappingFile}` })
  }

  async #waitFor(id: string, { user, project }: NamedOwner): Promise<RestoreEvidence> {
    const { shell, where } = this.#scene.site.appliance
    const script = `
for try in $(seq 600); do
  found=$(workloadmgr restore-evidence "$1")
  case $found in *'"status":"restoring"'* | *'"status":"executing"'*) sleep 0.5 ;; *) break ;; esac
done
printf '%s' "$found"`
    const env = { OS_USERNAME: user, OS_PROJECT_NAME: project }
    const { stdout } = await shell.run({ script, args: [id] }, { env, deadlineMs, captureBytes: 16 * 2 ** 20 })
    try {
      return JSON.parse(stdout) as RestoreEvidence
    } catch (cause) {
      throw new MachineError('restore-evidence', `${where}: restore ${id}: ${stdout.slice(0, 200)}`, { cause })
    }
  }

  /** Records the state of a restore, and what it has left on its compute: disks, and processes that read. */
  async #recordEnd(site: Site, found: RestoreEvidence, person: NamedOwner): Promise<void> {
    const node = this.#scene.node(`${site.plan.name}/${found.compute}`)
    const script = `
[ ! -d "$1" ] || ls -A -- "$1"
for one in /proc/[0-9]*; do
  tr '\\0' ' ' <"$one/cmdline" 2>/dev/null | grep -q "^qemu-img convert.*$1" && echo "qemu-img" || :
done`
    const { stdout } = await node.shell.run({ script, args: [`${instances}/${found.id}`] })
    const left = stdout.split('\n').filter((line) => line !== '')
    const end: RestoreEnd = {
      id: found.id,
      as: `${person.user} in ${person.project}`,
      status: found.status,
      error: found.errorText ?? '',
      left,
    }
    restoreEnds.record(this.#scene.drill.journal, node.where, end)
  }

  /** Digests the disks of a restore, and records one restore for each of its images. */
  async #recordDisks(
    site: Site,
    { compute, result, errorText = '' }: RestoreEvidence,
    images: readonly ImageRecord[],
    { user: askedBy }: NamedOwner,
  ): Promise<Machine> {
    const { journal } = this.#scene.drill
    const node = this.#scene.node(`${site.plan.name}/${compute}`)
    const wheres = new Map([
      ['appliance', site.appliance.where],
      [compute, node.where],
    ])
    for (const image of images) {
      const disk = result?.disks.find(({ imagePath }) => imagePath === image.path)
      if (disk === undefined) continue
      const digest = disk.disk === undefined ? undefined : await digestOn(node, disk.disk)
      const { observation, attempts, succeeded } = disk
      const read: ReadChain = {
        attempts: attempts.map((one) => ({ ...one, where: wheres.get(one.where) ?? one.where })),
        succeeded,
        ...(observation && { observation: placed(observation, wheres) }),
        ...(digest !== undefined && { digest }),
      }
      const place = { id: `u${++this.#count}`, site: site.plan.name, node: node.where, sizedOn: site.appliance.where }
      const restored = judgeRestore({ ...place, askedBy }, image, read)
      for (const event of commandsOfFailed(restored)) journal.append(event)
      journal.append({ kind: 'restore', restore: restored.record, evidence: restored.evidence })
      if (disk.disk !== undefined)
        this.#instances.set(`${image.workload}/${image.vmId}/${image.disk}`, { image, node, path: disk.disk })
    }
    if (result === undefined)
      journal.append({ kind: 'note', text: `the restore ended before any disk was read: ${errorText}` })
    return node
  }
}

/** Digests a disk as root, independently of the workload manager. */
async function digestOn({ shell }: Machine, path: string): Promise<string> {
  const { stdout } = await shell.run([...python, path], { stdin: digestSource, deadlineMs })
  return stdout.slice(0, 64)
}

const placed = (observation: ChainObservation, wheres: ReadonlyMap<string, string>): ChainObservation => ({
  ...observation,
  where: wheres.get(observation.where) ?? observation.where,
})

/** The id of the restore that a command has started. Undefined if it was refused. */
function idIn({ exitCode, stdout }: ManagerRun): string | undefined {
  return exitCode === 0 ? (JSON.parse(stdout) as { readonly id: string }).id : undefined
}
