import { readFileSync } from 'node:fs'
import { z } from 'zod'
import { InputError, MachineError } from '../errors.ts'
import { check } from '../input/schema-check.ts'

const name = z
  .string()
  .regex(/^[^\p{Cc}\p{Cf}\p{Zl}\p{Zp}]{1,255}$/u, 'must be a name of 1 to 255 characters without control characters')
const path = z.string().regex(/^\/[^\0\n]*$/, 'must be an absolute path')
const number = z.int().min(0)

const targetSchema = z.strictObject({
  name,
  type: z.enum(['nfs', 's3']),
  share: z.string().min(1, 'must not be empty'),
  mountPath: path,
  isDefault: z.boolean(),
})

const schema = z.strictObject({
  site: name,
  version: z.string().regex(/^\d+(\.\d+)*$/, 'must be a version like 4.1'),
  cloudFile: path,
  stateDirectory: path,
  user: z.strictObject({ uid: number, gid: number }),
  targets: z.array(targetSchema).refine((all) => new Set(all.map((one) => one.name)).size === all.length, {
    message: 'must have different names',
  }),
  computes: z.array(z.strictObject({ name, address: z.string().min(1) })),
  serviceAddress: z.string().min(1).exactOptional(),
  instancesFolder: path.exactOptional(),
})

/** A backup target of a site, as the workload manager knows it. */
export interface BackupTarget {
  /** The name of its type, which workloads are created with. */
  readonly name: string
  readonly type: 'nfs' | 's3'
  /** The endpoint as configured: an NFS share, or the text of a bucket. */
  readonly share: string
  /** Where it is mounted on this machine. */
  readonly mountPath: string
  readonly isDefault: boolean
}

/** Where a workload is on several targets, the one on the default target counts. */
export function defaultFirst(targets: readonly BackupTarget[]): readonly BackupTarget[] {
  return targets.toSorted((one, other) => Number(other.isDefault) - Number(one.isDefault))
}

/** How a workload manager is installed on the appliance of a site. */
export interface ManagerConfig {
  readonly site: string
  /** The product's version, which decides on known issues and on the encoding of shares. */
  readonly version: string
  /** The embedded cloud of the site. */
  readonly cloudFile: string
  /** The database, the logs of jobs and keys. It is lost with the appliance. */
  readonly stateDirectory: string
  /** The product's user, which owns the files on targets. */
  readonly user: { readonly uid: number; readonly gid: number }
  readonly targets: readonly BackupTarget[]
  readonly computes: readonly { readonly name: string; readonly address: string }[]
  /** The address of this machine, where a login has the mounts of the product's service. Undefined if these are the host's. */
  readonly serviceAddress?: string
  /** The folder of restored disks on computes. Default: `/srv/instances`. */
  readonly instancesFolder?: string
}

/** The path of the configuration, unless the environment variable `WORKLOADMGR_CONFIG` names another one. */
const usualConfigFile = '/etc/dr-drill/workloadmgr.json'

/**
 * Reads the configuration of the workload manager.
 * @throws MachineError if it cannot be read; InputError that names each wrong value
 */
export function readManagerConfig(environment: NodeJS.ProcessEnv = process.env): ManagerConfig {
  const file = environment['WORKLOADMGR_CONFIG'] || usualConfigFile
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (cause) {
    throw new MachineError('manager-config', `cannot read the configuration: ${(cause as Error).message}`, {
      cause,
      remedy: 'Set WORKLOADMGR_CONFIG to the path of the configuration.',
    })
  }
  let content: unknown
  try {
    content = JSON.parse(text)
  } catch (cause) {
    throw new InputError(`${file}: ${(cause as Error).message}`, { cause })
  }
  return check(schema, content, file)
}
