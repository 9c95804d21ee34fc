import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { MachineError } from '../src/errors.ts'
import { cloudFileText } from '../src/identity/cloud-file.ts'
import { cloudSchema } from '../src/identity/cloud-schema.ts'
import { describeCloud } from '../src/identity/described-cloud.ts'
import { check } from '../src/input/schema-check.ts'
import { keystoneIdFrom, snapshotFolder, uuidFrom, workloadFolder } from '../src/target/layout.ts'
import { importWorkloads } from '../src/workloadmgr/import/import-workloads.ts'
import { createLicense } from '../src/workloadmgr/license.ts'
import { listOrphans } from '../src/workloadmgr/listing/list-orphans.ts'
import { openManager, type WorkloadManager } from '../src/workloadmgr/manager.ts'
import { reassignWorkloads } from '../src/workloadmgr/reassign/reassign-workloads.ts'
import type { Times } from './comparison.ts'

const snapshots = 30
const old = { projectId: keystoneIdFrom('bench/old project'), userId: keystoneIdFrom('bench/old user') }
const owners = [
  { projectId: keystoneIdFrom('bench/one'), userId: keystoneIdFrom('bench/user') },
  { projectId: keystoneIdFrom('bench/other'), userId: keystoneIdFrom('bench/user') },
] as const

/** A workload manager with a target that holds the records of many workloads, and no images. */
export class ManagerBench implements Disposable {
  readonly workloads: number
  readonly #folder: string
  readonly #target: string
  readonly #signal: AbortSignal
  readonly #manager: WorkloadManager
  readonly #records: string[] = []
  /** How often the workloads were reassigned. */
  #turns = 0

  /** @param temporary folder that contains the target */
  constructor(workloads: number, temporary: string, signal: AbortSignal) {
    this.#folder = mkdtempSync(join(temporary, 'dr-drill-bench-'))
    this.#target = join(this.#folder, 'target')
    this.workloads = workloads
    this.#signal = signal
    const projects = owners.map(({ projectId }, at) => ({ name: `project-${at}`, id: projectId }))
    const users = [{ name: 'user', id: owners[0].userId, roles: { 'project-0': ['member'], 'project-1': ['member'] } }]
    const cloud = describeCloud(check(cloudSchema, { projects, users }, 'bench'), 'bench', 'bench')
    const cloudFile = join(this.#folder, 'cloud.json')
    const license = join(this.#folder, 'license')
    writeFileSync(cloudFile, cloudFileText(cloud))
    writeFileSync(license, 'bench')
    this.#manager = openManager({
      site: 'bench',
      version: '4.1',
      cloudFile,
      stateDirectory: join(this.#folder, 'state'),
      user: { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 },
      targets: [{ name: 'nfs', type: 'nfs', share: '10.0.0.1:/x', mountPath: this.#target, isDefault: true }],
      computes: [],
    })
    createLicense(this.#manager, license)
  }

  /** Writes the records. @param owner of all workloads; default: one who is not in this cloud */
  async prepare({ projectId, userId } = old): Promise<void> {
    for (let nth = 0; nth < this.workloads; nth++) {
      const id = uuidFrom(`bench/${nth}`)
      const owner = { user_id: userId, project_id: projectId }
      const schedule = "{'enabled': True, 'interval': '24hrs', 'fullbackup_interval': '-1'}"
      const shared = { ...owner, status: 'available', metadata: [{ key: 'backup_media_target', value: '10.0.0.1:/x' }] }
      this.#write(workloadFolder(id), 'workload_db', {
        id,
        display_name: `workload-${nth}`,
        jobschedule: schedule,
        ...shared,
      })
      for (let at = 0; at < snapshots; at++) {
        const snapshotId = uuidFrom(`bench/${nth}/${at}`)
        this.#write(snapshotFolder({ workloadId: id, snapshotId }), 'snapshot_db', {
          id: snapshotId,
          workload_id: id,
          snapshot_type: at === 0 ? 'full' : 'incremental',
          display_name: `snapshot ${at}`,
          size: 196_768,
          restore_size: 10 * 2 ** 30,
          uploaded_size: 196_768,
          created_at: '2026-10-30T02:00:00.000Z',
          finished_at: '2026-10-30T02:10:00.000Z',
          data_deleted: false,
          pinned: false,
          time_taken: 600,
          error_msg: null,
          warning_msg: null,
          ...shared,
        })
      }
      if (nth % 100 === 0) await setImmediate()
      this.#signal.throwIfAborted()
    }
  }

  /** Writes the records of workloads of this cloud and imports them, so that reassigning them is only that. */
  async prepareInCloud(): Promise<void> {
    await this.prepare(owners[0])
    const job = { id: 'bench', signal: this.#signal, report: () => {} }
    const { imported } = await importWorkloads(this.#manager, undefined, job)
    this.#expect('imported', imported.length)
  }

  listByTool = async (): Promise<Times> => {
    const startedMs = performance.now()
    const { workloads } = await listOrphans(this.#manager, { migrateCloud: true, signal: this.#signal })
    const total = performance.now() - startedMs
    this.#expect('listed', workloads.filter(({ ownership }) => ownership === 'whole').length)
    return { total }
  }

  listByHand = async (): Promise<Times> => {
    const startedMs = performance.now()
    let found = 0
    for (const path of this.#records) {
      const record = JSON.parse(readFileSync(path, 'utf8')) as { readonly project_id: string }
      if (record.project_id === old.projectId) found++
    }
    const total = performance.now() - startedMs
    if (found !== this.#records.length) throw new MachineError('bench-manager', `${found} records were read`)
    return { total }
  }

  reassignByTool = async (): Promise<Times> => {
    const [from, to] = this.#turns++ % 2 === 0 ? owners : owners.toReversed()
    const request = {
      oldProjectIds: [from?.projectId ?? ''],
      workloadIds: [],
      newProjectId: to?.projectId ?? '',
      userId: to?.userId ?? '',
      migrateCloud: false,
    }
    const startedMs = performance.now()
    const { reassigned } = await reassignWorkloads(this.#manager, [request], { signal: this.#signal })
    const total = performance.now() - startedMs
    this.#expect('reassigned', reassigned.length)
    return { total }
  }

  /** Writes the same bytes again: the owner of the records is that of the last turn. */
  reassignByHand = async (): Promise<Times> => {
    const startedMs = performance.now()
    for (const path of this.#records) {
      const record = JSON.parse(readFileSync(path, 'utf8')) as Record<string, unknown>
      writeFileSync(path, JSON.stringify({ ...record, turn: this.#turns }), { flush: true })
    }
    return { total: performance.now() - startedMs }
  };

  [Symbol.dispose](): void {
    this.#manager[Symbol.dispose]()
    rmSync(this.#folder, { recursive: true, force: true })
  }

  #write(folder: string, name: string, record: unknown): void {
    const path = join(this.#target, folder)
    mkdirSync(path, { recursive: true })
    writeFileSync(join(path, name), JSON.stringify(record))
    this.#records.push(join(path, name))
  }

  #expect(what: string, count: number): void {
    if (count !== this.workloads)
      throw new MachineError('bench-manager', `${count} of ${this.workloads} workloads were ${what}`)
  }
}
