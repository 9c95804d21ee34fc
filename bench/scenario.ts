import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { backUp } from '../src/backup/backup.ts'
import { planWorkloads } from '../src/backup/backup-plan.ts'
import type { ImageRecord } from '../src/backup/catalog.ts'
import { MachineError } from '../src/errors.ts'
import { openEngine } from '../src/lab/engine/open-engine.ts'
import { Lab, type LabEntry } from '../src/lab/lab.ts'
import type { Site } from '../src/lab/site.ts'
import { apply } from '../src/recovery/action/apply.ts'
import type { AppliedAction } from '../src/recovery/action/kinds.ts'
import { undoActions } from '../src/recovery/action/undo-actions.ts'
import { bindActions } from '../src/recovery/strategy/bind-mount/bind-actions.ts'
import { restore } from '../src/restore/restore.ts'
import type { Times } from './comparison.ts'
import { bindScript, readScript, sizeScript } from './node-script.ts'
import { runScript } from './script.ts'
import { siteTopology } from './topology.ts'

const origin = '/var/triliovault-mounts/MTAuMTAuMi4yMDovdXBzdHJlYW0='
const workDirectory = '/srv/work'
const product = { seed: 'web', devices: ['vda', 'vdb'], snapshots: 4 } as const

/** The documented procedure on running nodes: bind on all of them, and restore every image on both computes. */
export class ScenarioBench implements AsyncDisposable {
  readonly #folder = mkdtempSync(join(tmpdir(), 'dr-drill-bench-'))
  readonly #signal: AbortSignal
  readonly #entries: LabEntry[] = []
  #lab: Lab | undefined
  #images: readonly ImageRecord[] = []

  constructor(signal: AbortSignal) {
    this.#signal = signal
  }

  /** Brings up a site with a target that was written under another mount path. */
  async prepare(): Promise<void> {
    this.#lab = await Lab.open({
      engine: await openEngine('container'),
      run: `bench-${process.pid}`,
      name: 'lab-scenario',
      logFolder: join(this.#folder, 'boot'),
      signal: this.#signal,
      onMachine: async (entry) => void this.#entries.push(entry),
    })
    await this.#lab.add(siteTopology)
    const [writer] = this.#site.computes
    if (writer === undefined) throw new MachineError('no-compute', 'the site has no compute')
    const { user } = this.#site.plan
    const workloads = [{ name: product.seed, vms: [{ name: 'web-1', devices: product.devices }] }]
    const applied: AppliedAction[] = []
    await apply(writer.shell, this.#actions, (one) => applied.push(one))
    const catalog = await backUp(writer.shell, {
      user,
      mountPath: origin,
      workDirectory: `${workDirectory}/live`,
      plan: planWorkloads(product.seed, { workloads }),
      snapshots: product.snapshots,
      signal: this.#signal,
    })
    await undoActions(writer.shell, applied)
    this.#images = catalog.images
    const owner = ['-o', `${user.uid}`, '-g', `${user.gid}`]
    for (const { shell } of this.#site.nodes)
      await shell.run(['install', '-d', '-m', '700', ...owner, workDirectory, `${workDirectory}/restore`])
  }

  get restores(): number {
    return this.#images.length * this.#site.computes.length
  }

  /** Runs the procedure with the code of dr-drill, and undoes it. */
  async byTool(): Promise<Times> {
    const { nodes, computes, appliance, plan } = this.#site
    const applied = new Map(nodes.map((node): [typeof node, AppliedAction[]] => [node, []]))
    const startedMs = performance.now()
    await Promise.all(nodes.map((node) => apply(node.shell, this.#actions, (one) => applied.get(node)?.push(one))))
    const boundMs = performance.now()
    let count = 0
    const restored = await Promise.all(
      computes.map((compute) =>
        restore(this.#images, {
          site: plan.name,
          appliance: appliance.shell,
          node: compute.shell,
          user: plan.user,
          pathOf: (image) => `${this.#mountPath}/${image.path}`,
          roots: [this.#mountPath, origin],
          workDirectory: `${workDirectory}/restore`,
          signal: this.#signal,
          nextId: () => `r${++count}`,
        }),
      ),
    )
    const endedMs = performance.now()
    const good = restored.flat().filter(({ record }) => record.outcome === 'restored').length
    if (good !== this.restores)
      throw new MachineError('bench-restore', `only ${good} of ${this.restores} restores succeeded`)
    await Promise.all([...applied].map(([node, actions]) => undoActions(node.shell, actions)))
    return { bind: boundMs - startedMs, restore: endedMs - boundMs, total: endedMs - startedMs }
  }

  /** Runs the procedure with `scenario-by-hand.sh`, and undoes it. */
  async byHand(): Promise<Times> {
    const { nodes, computes, appliance, plan } = this.#site
    const paths = this.#images.map(({ path }) => `${this.#mountPath}/${path}`)
    const scripts = join(this.#folder, 'nodes')
    for (const node of nodes) {
      const folder = join(scripts, node.name)
      mkdirSync(folder, { recursive: true })
      const work =
        node === appliance
          ? computes.map(() => sizeScript(plan.user, paths)).join('')
          : readScript(plan.user, paths, `${workDirectory}/restore`)
      writeFileSync(join(folder, 'script'), bindScript(this.#mountPath, origin) + work)
      const entry = this.#entries.find(({ name }) => name === node.name)
      writeFileSync(join(folder, 'address'), entry?.managementAddress ?? '')
      writeFileSync(join(scripts, 'key'), entry?.clientPrivateKey ?? '', { mode: 0o600 })
    }
    const hub = this.#entries[0]?.hubId ?? ''
    const script = join(import.meta.dirname, 'scenario-by-hand.sh')
    const total = Number(await runScript(['bash', script, scripts, hub], this.#signal))
    for (const { name } of computes) {
      const digests = readFileSync(join(scripts, name, 'output'), 'utf8').match(/^[0-9a-f]{64}(?= )/gm)
      if (digests?.join() !== this.#images.map(({ digest }) => digest).join())
        throw new MachineError('bench-restore', `the baseline restored other content on ${name}`)
    }
    await Promise.all(nodes.map(({ shell }) => shell.run({ script: 'umount -- "$1"; rmdir -- "$1"', args: [origin] })))
    return { total }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#lab?.[Symbol.asyncDispose]()
    rmSync(this.#folder, { recursive: true, force: true })
  }

  get #site(): Site {
    if (this.#lab === undefined) throw new MachineError('not-prepared', 'the lab is not prepared')
    return this.#lab.site('site')
  }

  get #mountPath(): string {
    return this.#site.plan.shares[0]?.mountPath ?? ''
  }

  get #actions() {
    return bindActions({ local: this.#mountPath, origin, persist: false })
  }
}
