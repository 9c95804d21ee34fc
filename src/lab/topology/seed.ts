import { escapeField } from '../../recovery/action/fstab.ts'
import type { KeyPair } from '../../shell/key-pair.ts'
import type { SeedFile } from '../engine/engine.ts'
import { managementNetwork } from '../engine/engine.ts'
import type { ServerPlan, SitePlan } from './topology.ts'

export interface SeedIdentity {
  readonly name: string
  readonly number: number
  readonly address: string
  readonly hostKey: KeyPair
  readonly clientKey: KeyPair
  /** The same for all machines of a lab that are brought up together. */
  readonly bringUp: string
}

/**
 * `init` reads the file of variables as a shell does, at every boot. User Mode Linux cannot map the rings of io_uring:
 * its kernel gives up sooner or later where Node has had some, and Node does without them where it may not have them.
 */
const withoutRings = 'echo 2 >/proc/sys/kernel/io_uring_disabled\n'

/** What a node of a site is, as the files that its first boot installs. */
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
 * What a site's nodes mount, as lines of fstab(5).
 * @param write how a share is written there
 */
export function fstabLines({ shares, mountOptions }: SitePlan, write = escapeField): readonly string[] {
  return shares.map(({ share, mountPath }) => `${write(share.text)} ${escapeField(mountPath)} nfs ${mountOptions} 0 0`)
}

/** What an NFS server is. Each share is closed to all but the product's user, as on real targets. */
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

function common(
  identity: SeedIdentity,
  role: 'node' | 'server',
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

/** For `printf %b` in the guest: one word a path, whatever is in it. */
function escapeBytes(path: string): string {
  return path.replace(/[^A-Za-z0-9/._-]/gu, (character) =>
    [...Buffer.from(character)].map((byte) => `\\0${byte.toString(8).padStart(3, '0')}`).join(''),
  )
}
