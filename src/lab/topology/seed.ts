import { createHmac } from 'node:crypto'
import { escapeField } from '../../recovery/fstab/fields.ts'
import type { KeyPair } from '../../shell/key-pair.ts'
import type { SeedFile } from '../engine/engine.ts'
import { managementNetwork } from '../engine/engine.ts'
import type { SitePlan } from './site-plan.ts'
import type { ServerPlan, ServicePlan } from './topology.ts'

export interface SeedIdentity {
  readonly name: string
  readonly number: number
  readonly address: string
  readonly hostKey: KeyPair
  readonly clientKey: KeyPair
  /** The same for all machines of a lab that start together. */
  readonly bringUp: string
}

/**
 * A line that `init` runs at every boot. User Mode Linux cannot map the rings of io_uring, and panics sooner or later if
 * Node.js uses them. Node.js works without them.
 */
const withoutRings = 'echo 2 >/proc/sys/kernel/io_uring_disabled\n'

/** Returns the files that the first boot of a node installs. */
export function nodeSeed(identity: SeedIdentity, site: SitePlan): readonly SeedFile[] {
  const lines = site.mountedBy === 'fstab' ? fstabLines(site) : []
  const directories = site.shares.map(({ mountPath }) => `${mountPath}\0`)
  return [
    ...common(identity, 'node', site.propagation, site.container?.subtree),
    { name: 'fstab', mode: 0o644, content: lines.map((line) => `${line}\n`).join('') },
    { name: 'directories', mode: 0o644, content: directories.join('') },
    { name: 'exports', mode: 0o644, content: '' },
    { name: 'shares', mode: 0o644, content: '' },
  ]
}

/**
 * Returns the lines of fstab(5) that mount a site's shares.
 * @param write writes a share as a field
 */
export function fstabLines({ shares, mountOptions }: SitePlan, write = escapeField): readonly string[] {
  return shares.map(({ share, mountPath }) => `${write(share.text)} ${escapeField(mountPath)} nfs ${mountOptions} 0 0`)
}

/** Returns the files that the first boot of an NFS server installs. Only the product's user can use its shares. */
export function serverSeed(identity: SeedIdentity, server: ServerPlan): readonly SeedFile[] {
  const exports = server.shares.map(
    ({ share, exportOptions }, index) => `${escapeField(share.path)} *(${exportOptions},fsid=${index + 1})\n`,
  )
  const shares = server.shares.map(
    ({ share, owner }, index) => `${index} ${owner.uid}:${owner.gid} ${escapeBytes(share.path)}\n`,
  )
  return [
    ...common(identity, 'server', 'shared'),
    { name: 'fstab', mode: 0o644, content: '' },
    { name: 'directories', mode: 0o644, content: '' },
    { name: 'exports', mode: 0o644, content: exports.join('') },
    { name: 'shares', mode: 0o644, content: shares.join('') },
  ]
}

/** Returns the files that the first boot of a mail server installs. */
export function mailSeed(identity: SeedIdentity): readonly SeedFile[] {
  return [
    ...common(identity, 'mail', 'shared'),
    ...['fstab', 'directories', 'exports', 'shares'].map((name) => ({ name, mode: 0o644, content: '' })),
    { name: 'mail-password', mode: 0o600, content: mailPassword(identity.name, identity.clientKey) },
  ]
}

/** The name that a mail server accepts. */
export const mailUser = 'dr-drill'

/** The password that a mail server accepts. It follows from the key of its lab, so that it needs no copy. */
export function mailPassword(name: string, { privateKey }: Pick<KeyPair, 'privateKey'>): string {
  return createHmac('sha256', privateKey).update(`mail ${name}`).digest('base64url')
}

function common(
  identity: SeedIdentity,
  role: 'node' | 'server' | ServicePlan['kind'],
  propagation: string,
  serviceSubtree = '',
): readonly SeedFile[] {
  const variables = {
    NAME: identity.name,
    ROLE: role,
    STORAGE: `${identity.address}/32`,
    MANAGEMENT: `${managementNetwork.addressOf(identity.number)}/${managementNetwork.prefixLength}`,
    PROPAGATION: propagation,
    BRING_UP: identity.bringUp,
    SERVICE: serviceSubtree,
  }
  return [
    {
      name: 'machine',
      mode: 0o644,
      content: `${Object.entries(variables)
        .map(([key, value]) => `${key}='${value}'\n`)
        .join('')}${withoutRings}`,
    },
    { name: 'ssh_host_ed25519_key', mode: 0o600, content: identity.hostKey.privateKey },
    { name: 'authorized_keys', mode: 0o600, content: `${identity.clientKey.publicKey}\n` },
  ]
}

/** Escapes a path as one word for `printf %b` in the guest. */
function escapeBytes(path: string): string {
  return path.replace(/[^A-Za-z0-9/._-]/gu, (character) =>
    [...Buffer.from(character)].map((byte) => `\\0${byte.toString(8).padStart(3, '0')}`).join(''),
  )
}
