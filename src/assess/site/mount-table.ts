/** A mount in `/proc/<pid>/mountinfo`. */
interface Mount {
  readonly id: number
  readonly parentId: number
  /** `major:minor` of the file system, the same wherever it is mounted. */
  readonly device: string
  /** The folder of the file system that is mounted; for NFS, preceded by the share. */
  readonly root: string
  readonly mountPoint: string
  readonly type: string
  /** e.g. `10.10.2.20:/upstream` */
  readonly source: string
}

/** The mounts that one process sees. See proc(5). */
export class MountTable {
  readonly #mounts: readonly Mount[]

  constructor(mountInfo: string) {
    this.#mounts = mountInfo.split('\n').flatMap((line) => parse(line) ?? [])
  }

  /** The share that is mounted at a path, or above it with the rest of the path. */
  shareAt(path: string): string | undefined {
    const mount = this.#covering(path)
    if (mount === undefined || !isNfs(mount.type)) return undefined
    return mount.mountPoint === path
      ? mount.source
      : `${mount.source.replace(/\/$/, '')}${below(path, mount.mountPoint)}`
  }

  /** The source of a mount exactly at a path. Undefined if there is none, or another mount hides it. */
  mountedAt(path: string): string | undefined {
    const mount = this.#covering(path)
    return mount?.mountPoint === path ? mount.source : undefined
  }

  /** True if reading a path involves only this host, and mounts nothing. */
  isLocal(path: string): boolean {
    return !/^(nfs4?|autofs|cifs|smb3|9p|ceph|glusterfs|lustre|gpfs|fuse\b.*)$/.test(this.#covering(path)?.type ?? '')
  }

  /**
   * All paths that show the same folder of the same file system as `path`, itself first. Paths that another mount hides
   * do not count.
   * @param path without symbolic links
   */
  pathsShowing(path: string): readonly string[] {
    const mount = this.#covering(path)
    if (mount === undefined) return [path]
    const folder = join(mount.root, below(path, mount.mountPoint))
    const others = this.#mounts.flatMap((other) => {
      if (other.device !== mount.device || !isWithin(folder, other.root)) return []
      const seenAt = join(other.mountPoint, below(folder, other.root))
      return this.#covering(seenAt) === other ? [seenAt] : []
    })
    return [...new Set([path, ...others])]
  }

  /** The mount that a path is on, resolved from the root through mounts over mounts. */
  #covering(path: string): Mount | undefined {
    const ids = new Set(this.#mounts.map(({ id }) => id))
    const roots = this.#mounts.filter(
      ({ mountPoint, parentId, id }) => mountPoint === '/' && (!ids.has(parentId) || parentId === id),
    )
    let at = roots.at(-1) ?? this.#mounts.find(({ mountPoint }) => mountPoint === '/')
    const seen = new Set<Mount>()
    while (at !== undefined && !seen.has(at)) {
      seen.add(at)
      const { id } = at
      const next = this.#mounts
        .filter((one) => one.parentId === id && one.id !== id && isWithin(path, one.mountPoint))
        .toSorted((a, b) => a.mountPoint.length - b.mountPoint.length)[0]
      if (next === undefined) return at
      at = next
    }
    return at
  }
}

function parse(line: string): Mount | undefined {
  const [before = '', after = ''] = line.split(' - ', 2)
  const [id, parentId, device, root, mountPoint] = before.split(' ')
  const [type, source] = after.split(' ')
  if (!device || !root || !mountPoint || !type) return undefined
  return {
    id: Number(id),
    parentId: Number(parentId),
    ...identity(device, unescaped(root), type, unescaped(source ?? '')),
    mountPoint: unescaped(mountPoint),
    type,
    source: unescaped(source ?? ''),
  }
}

/** Identifies an NFS mount by its share: to the kernel, several exports may be one file system with the root `/`. */
function identity(device: string, root: string, type: string, source: string): Pick<Mount, 'device' | 'root'> {
  if (!isNfs(type)) return { device, root }
  return { device: 'nfs', root: `${source.replace(/\/$/, '')}${root === '/' ? '' : root}` }
}

const isNfs = (type: string): boolean => type === 'nfs' || type === 'nfs4'

/** Decodes `\040` and the like, which the kernel writes for blanks and backslashes. */
function unescaped(text: string): string {
  return text.replaceAll(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)))
}

const isWithin = (path: string, folder: string): boolean =>
  folder === '/' || path === folder || path.startsWith(`${folder}/`)

const below = (path: string, folder: string): string => (folder === '/' ? path : path.slice(folder.length))

const join = (folder: string, rest: string): string =>
  rest === '' || rest === '/' ? folder : folder === '/' ? rest : `${folder}${rest}`
