/** One image of a chain, with what QEMU needs to open it. */
export interface GraphLink {
  /** Absolute. */
  readonly path: string
  readonly encryption?: 'none' | 'aes' | 'luks'
  /** The id of the secret in QEMU. */
  readonly qemuSecretId?: string
}

/**
 * Names a chain by all its files, the upper link first: whatever the images name, QEMU opens these files and no others.
 * Nothing is locked, because a lock would keep the product from writing, and a read-only file system may have no locks.
 */
export function chainName(links: readonly GraphLink[]): string {
  const graph = links.reduceRight<object | null>((backing, { path, encryption = 'none', qemuSecretId }) => {
    const encrypt = encryption === 'none' ? {} : { encrypt: { format: encryption, 'key-secret': qemuSecretId } }
    const file = { driver: 'file', filename: path, locking: 'off' }
    return { driver: 'qcow2', file, ...encrypt, backing }
  }, null)
  return `json:${JSON.stringify(graph)}`
}
