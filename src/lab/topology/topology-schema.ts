import { isIPv4 } from 'node:net'
import { z } from 'zod'
import { cloudSchema } from '../../identity/cloud-schema.ts'

const name = z
  .string()
  .regex(/^[a-z][a-z0-9-]{0,30}$/, 'must be 1–31 lower-case letters, digits and dashes, a letter first')
const address = z.string().refine(isIPv4, 'must be an IPv4 address')
const memoryMib = z.int().min(128)

const shareSchema = z.strictObject({
  /** As configured: `10.10.2.20:/upstream`. The host is the address of the server that exports the share. */
  share: z.string(),
  /** Options of exports(5). */
  export: z
    .string()
    .regex(/^[a-z0-9_=,.:/@-]+$/, 'must be a list of export options')
    .default('rw,sync,no_subtree_check,root_squash'),
  /** Owner of the exported directory. Default: the product's user on the first site that mounts the share. */
  owner: z.strictObject({ uid: z.int().min(0), gid: z.int().min(0) }).optional(),
})

const nodeSchema = z.strictObject({
  name,
  role: z.enum(['appliance', 'compute']),
  address: address.optional(),
  memoryMib: memoryMib.optional(),
})

const siteSchema = z.strictObject({
  name,
  distribution: z.string(),
  version: z.string(),
  shares: z.array(z.string()).min(1),
  nodes: z.array(nodeSchema).min(1),
  propagation: z.enum(['shared', 'private']).default('shared'),
  /** What mounts the shares: /etc/fstab at boot, or the product, which starts later and mounts on demand. */
  mountedBy: z.enum(['fstab', 'product']).default('fstab'),
  /** Where the product's service runs: on the host, or in a container with its own mount namespace. */
  service: z.enum(['host', 'container']).default('host'),
  /** The directory of the host that the container sees. Default: the parent of the base directory. */
  subtree: z
    .string()
    .regex(/^(\/[\w.-]+)+$/, 'must be an absolute path of plain names')
    .optional(),
  /** True to attach a disk with dr-drill itself to the nodes. */
  tool: z.boolean().default(false),
  /** The cloud's projects and users. A site that has them runs a simulated workload manager on its appliance. */
  cloud: cloudSchema.optional(),
  /** These four override the values of the distribution and version. */
  baseDirectory: z.string().startsWith('/').optional(),
  pathRule: z.enum(['share', 'export']).optional(),
  mountOptions: z
    .string()
    .regex(/^[a-z0-9_=,.-]+$/, 'must be a list of mount options')
    .optional(),
  user: z.strictObject({ uid: z.int().min(1), gid: z.int().min(1) }).optional(),
})

const serviceSchema = z.strictObject({
  name,
  /** A mail server, with STARTTLS and authentication, and a mailbox for each address. */
  kind: z.enum(['mail']),
  address: address.optional(),
  memoryMib: memoryMib.optional(),
})

export const topologySchema = z.strictObject({
  shares: z.array(shareSchema).default([]),
  sites: z.array(siteSchema).default([]),
  services: z.array(serviceSchema).default([]),
})

/** A topology as written in YAML or code. */
export type TopologyInput = z.input<typeof topologySchema>

/** A checked topology, with defaults. */
export type CheckedTopology = z.output<typeof topologySchema>

/** A checked site of a topology, with defaults. */
export type CheckedSite = CheckedTopology['sites'][number]
