import { z } from 'zod'
import { InputError } from '../errors.ts'

const name = z
  .string()
  .regex(/^[a-z0-9][a-z0-9._-]{0,62}$/i, 'must be 1–63 letters, digits, dots, dashes and underscores, no dash first')
/** ssh would take a leading dash for an option, and odder characters are typing errors. */
const address = z
  .string()
  .regex(/^[a-z0-9_:%[][a-z0-9._:%[\]-]*$/i, 'must be a host name, an address or a name of ~/.ssh/config')
const login = z.string().regex(/^[a-z_][a-z0-9_.@\\-]*\$?$/i, 'must be the name of a user')
const path = z.string().startsWith('/', 'must be an absolute path')

function isPattern(text: string): boolean {
  try {
    new RegExp(text)
    return true
  } catch {
    return false
  }
}

/** How to find the mount namespace of the product's service on a host. */
const serviceSchema = z.union([
  z.literal('host'),
  z.strictObject({ container: name }),
  z.strictObject({ process: z.string().min(1).refine(isPattern, 'must be a regular expression') }),
  z.strictObject({ namespace: path }),
])

const access = {
  /** Login name. Default: from ~/.ssh/config, or the user of this machine. */
  user: login.optional(),
  port: z.int().min(1).max(65_535).optional(),
  /** File with a private key, `~/` allowed. Default: ssh-agent and ~/.ssh/config. */
  key: z.string().min(1).optional(),
  /** `auto`: `sudo -n` unless the login is root. `never`: no sudo. */
  sudo: z.enum(['auto', 'never']).optional(),
  /** Where the product's service runs: on the host, or in a container with private mounts. Default: by the distribution. */
  service: serviceSchema.optional(),
}

const nodeSchema = z.strictObject({
  name,
  role: z.enum(['appliance', 'compute']).default('compute'),
  /** `local` for this machine, or a host name, an address or a name of ~/.ssh/config. Default: the node's name. */
  address: address.optional(),
  ...access,
})

const siteSchema = z.strictObject({
  name,
  distribution: z.string().optional(),
  version: z.string().optional(),
  /** Shares as they are configured at this site, e.g. `10.20.2.20:/replica`, or S3 buckets, e.g. `s3://replica`. */
  shares: z.array(z.string()).default([]),
  /** Each of these overrides the value of distribution and version. */
  baseDirectory: path.optional(),
  pathRule: z.enum(['share', 'export']).optional(),
  mountOptions: z.string().optional(),
  /** The product's user, who owns the images and restores them. */
  owner: z.strictObject({ uid: z.int().min(1), gid: z.int().min(1) }).optional(),
  /** What mounts the shares: /etc/fstab at boot, or the product on demand. Default: by the host's fstab, and the version. */
  mountedBy: z.enum(['fstab', 'product']).optional(),
  nodes: z.array(nodeSchema).min(1),
  ...access,
})

export const inventorySchema = z.strictObject({
  /** Configuration file for OpenSSH's client, relative to this file. Default: ~/.ssh/config. */
  sshConfig: z.string().min(1).optional(),
  sites: z.array(siteSchema).min(1),
})

/** Where the product's service runs on a host. `unknown`: in a container that is not configured. */
export type ServicePlace = z.output<typeof serviceSchema> | 'unknown'

/** @param text as in `--service container:NAME` @throws InputError if it is not a place */
export function parseServicePlace(text: string): ServicePlace {
  const [, kind, value] = /^(container|process|namespace):(.*)$/s.exec(text) ?? []
  const { success, data } = serviceSchema.safeParse(kind === undefined ? text : { [kind]: value })
  if (success) return data
  throw new InputError(
    `--service must be host, container:NAME, process:REGEXP or namespace:FILE, not ${JSON.stringify(text)}`,
  )
}

export type InventoryInput = z.output<typeof inventorySchema>
