/** One line of a mount table. */
export interface MountLine {
  readonly id: string
  readonly parent: string
  readonly mountPoint: string
  readonly type: string
  readonly source: string
  /** The path in the file system that is mounted. `/` unless it is a bind. */
  readonly root: string
  readonly options: string
}

/** Reads a mount table in the form of `/proc/self/mountinfo`. Undefined if it has another form. */
export function readMounts(facts: unknown): readonly MountLine[] | undefined {
  const text = Array.isArray(facts) ? facts.join('\n') : facts
  if (typeof text !== 'string') return undefined
  const lines = text.split('\n').filter((line) => line !== '')
  const mounts = lines.flatMap((line) => readLine(line) ?? [])
  return mounts.length === lines.length && mounts.length > 0 ? mounts : undefined
}

function readLine(line: string): MountLine | undefined {
  const [own = '', rest] = line.split(' - ', 2)
  const [id, parent, , root, mountPoint, options] = own.split(' ')
  const [type, source] = rest?.split(' ') ?? []
  if (id === undefined || parent === undefined || root === undefined || mountPoint === undefined) return undefined
  if (options === undefined || type === undefined || source === undefined) return undefined
  return {
    id,
    parent,
    mountPoint: unescaped(mountPoint),
    type,
    source: unescaped(source),
    root: unescaped(root),
    options,
  }
}

/** The kernel escapes spaces and backslashes as octal numbers. */
function unescaped(path: string): string {
  return path.replaceAll(/\\([0-7]{3})/g, (_all, digits: string) => String.fromCharCode(Number.parseInt(digits, 8)))
}

/** File systems that hold data of users. The others are the kernel's own. */
export function isStorage({ type }: MountLine): boolean {
  return /^(nfs4?|fuse|ext4|xfs|btrfs|s3fs)/.test(type)
}
