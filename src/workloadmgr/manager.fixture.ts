import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createTarget } from '../generate/create.ts'
import { readShape } from '../generate/read-shape.ts'
import { type PlannedWorkload, planTarget } from '../generate/target-plan.ts'
import { cloudFileText } from '../identity/cloud-file.ts'
import { type CloudInput, cloudSchema } from '../identity/cloud-schema.ts'
import { type DescribedCloud, describeCloud } from '../identity/described-cloud.ts'
import { check } from '../input/schema-check.ts'
import { cancelJob, settleJobs } from './job/settle-jobs.ts'
import { createLicense } from './license.ts'
import { openManager, type WorkloadManager } from './manager.ts'
import type { BackupTarget, ManagerConfig } from './manager-config.ts'

/** A site with a workload manager, on folders of this machine instead of mounted shares. */
export interface ManagedSite {
  readonly folder: string
  readonly config: ManagerConfig
  /** The path of the configuration file. */
  readonly configFile: string
  readonly cloud: DescribedCloud
  readonly manager: WorkloadManager
}

const folders = new Set<string>()
/** Managers that are open. */
const managers = new Set<WorkloadManager>()

/** Creates a folder that `removeFixtures` removes. */
export function scratch(name: string): string {
  const folder = mkdtempSync(join(tmpdir(), `dr-drill-${name}-test-`))
  folders.add(folder)
  return folder
}

/** Kills jobs that a failed test has left, closes all managers, and removes all folders. */
export async function removeFixtures(): Promise<void> {
  for (const manager of managers) {
    await settleJobs(manager.store)
    for (const { id } of manager.store.jobs.list({ status: 'executing' })) await cancelJob(manager.store, id, 1000)
    manager[Symbol.dispose]()
  }
  for (const folder of folders) rmSync(folder, { recursive: true, force: true })
}

/** Generates a target with images without data. Returns what it was planned to hold. */
export async function makeTarget(
  directory: string,
  shape: Readonly<Record<string, unknown>>,
): Promise<readonly PlannedWorkload[]> {
  const read = readShape(undefined, { vms: '1', disks: '1', ...shape })
  await createTarget({ directory, shape: read })
  return [...planTarget(read).workloads()]
}

export interface SiteInput {
  readonly cloud?: CloudInput
  readonly version?: string
  /** The mount paths of its targets. The first one is the default. */
  readonly targets: readonly string[]
  readonly site?: string
  readonly hasLicense?: boolean
}

/** Creates a site, and opens its workload manager. */
export function makeSite({
  cloud = {},
  version = '4.1',
  targets,
  site = 'recovery',
  hasLicense = true,
}: SiteInput): ManagedSite {
  const folder = scratch('site')
  const described = describeCloud(check(cloudSchema, cloud, 'test'), site, 'test')
  const config: ManagerConfig = {
    site,
    version,
    cloudFile: join(folder, 'cloud.json'),
    stateDirectory: join(folder, 'state'),
    user: { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 },
    targets: targets.map((mountPath, at): BackupTarget => {
      const name = `target-${at + 1}`
      return { name, type: 'nfs', share: `10.0.0.${at + 1}:/${site}`, mountPath, isDefault: at === 0 }
    }),
    computes: [{ name: 'compute-1', address: '10.10.1.2' }],
  }
  writeFileSync(config.cloudFile, cloudFileText(described))
  const configFile = join(folder, 'workloadmgr.json')
  writeFileSync(configFile, JSON.stringify(config))
  const manager = openManager(config)
  managers.add(manager)
  if (hasLicense) {
    writeFileSync(join(folder, 'license'), 'a license')
    createLicense(manager, join(folder, 'license'))
  }
  return { folder, config, configFile, cloud: described, manager }
}

/** The description of a cloud that has the owners of these workloads. */
export function cloudOf(workloads: readonly PlannedWorkload[], role = 'member'): CloudInput {
  const projects = [...new Set(workloads.map(({ projectId }) => projectId))]
  const users = [...new Set(workloads.map(({ userId }) => userId))]
  return {
    projects: projects.map((id, at) => ({ name: `project-${at}`, id })),
    users: users.map((id, at) => ({
      name: `user-${at}`,
      id,
      roles: Object.fromEntries(
        projects.flatMap((project, nth) =>
          workloads.some((one) => one.userId === id && one.projectId === project) ? [[`project-${nth}`, [role]]] : [],
        ),
      ),
    })),
  }
}

/** The records of a workload on a target, without those of its VMs and disks: paths below the target, and contents. */
export function recordsIn(target: string, workloadId: string): Readonly<Record<string, Record<string, unknown>>> {
  const folder = `workload_${workloadId}`
  const snapshots = readdirSync(join(target, folder)).filter((name) => name.startsWith('snapshot_'))
  const paths = [`${folder}/workload_db`, ...snapshots.map((name) => `${folder}/${name}/snapshot_db`)]
  return Object.fromEntries(paths.map((path) => [path, JSON.parse(readFileSync(join(target, path), 'utf8'))]))
}

/** The owners that the records of a workload name. */
export function ownersIn(target: string, workloadId: string): readonly string[] {
  const records = Object.values(recordsIn(target, workloadId))
  return [...new Set(records.map((record) => `${record['project_id']}/${record['user_id']}`))]
}

/** Changes a record file as JSON: gives it other fields, or calls a function with it. */
export function changeRecord(
  path: string,
  change: Readonly<Record<string, unknown>> | ((record: Record<string, unknown>) => void),
): void {
  const record = JSON.parse(readFileSync(path, 'utf8')) as Record<string, unknown>
  if (typeof change === 'function') change(record)
  else Object.assign(record, change)
  writeFileSync(path, JSON.stringify(record))
}

/** Why processes cannot be killed at a system call here, for `skip`; false if they can. */
export function cannotTrace(): string | false {
  const { status } = spawnSync('strace', ['-f', '-o', '/dev/null', 'true'])
  return status !== 0 && 'not run: processes cannot be traced here'
}

/** A job for code that is called without one. */
export const noJob = (signal = new AbortController().signal) => ({ id: 'a test', signal, report: () => {} })

/** Creates an empty folder for a target. */
export function emptyFolder(path: string): string {
  mkdirSync(path, { recursive: true })
  return path
}

/** The program that tests start instead of `workloadmgr`, for a site. */
export function workloadProgram(configFile: string) {
  return {
    program: [process.execPath, join(import.meta.dirname, 'manager-program.fixture.ts')],
    environment: { ...process.env, WORKLOADMGR_CONFIG: configFile, NODE_V8_COVERAGE: '' },
  }
}
