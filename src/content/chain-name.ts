/** One image of a chain, with what is needed to open it. */
export interface GraphLink {
  /** Absolute. */
  readonly path: string
  readonly encryption?: 'none' | 'aes' | 'luks'
  /** The id that the secret has in QEMU. */
  readonly qemuSecretId?: string
}

/**
 * Names a chain, the upper link first, in full: whatever the images say about each other, these files are opened and no
 * others. Nothing is locked: a lock would keep the product from writing, and a file system that is mounted read-only may
 * have none.
 */
export function chainName(links: readonly GraphLink[]): string {
  const graph = links.reduceRight<object | null>((backing, { path, encryption = 'none', qemuSecretId }) => {
    const encrypt = encryption === 'none' ? {} : { encrypt: { format: encryption, 'key-secret': qemuSecretId } }
    const file = { driver: 'file', filename: path, locking: 'off' }
    return { driver: 'qcow2', file, ...encrypt, backing }
  }, null)
  return `json:${JSON.stringify(graph)}`
}
