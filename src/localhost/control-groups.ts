import { readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'

/** Where each version of them says how much memory there may be, how much there is, and how much of that can be had. */
const versions = [
  {
    line: /^0::(\/.*)$/m,
    folder: 'sys/fs/cgroup',
    limit: 'memory.max',
    usage: 'memory.current',
    reclaimable: /^inactive_file (\d+)$/m,
  },
  {
    line: /^\d+:(?:[^:]*,)?memory(?:,[^:]*)?:(\/.*)$/m,
    folder: 'sys/fs/cgroup/memory',
    limit: 'memory.limit_in_bytes',
    usage: 'memory.usage_in_bytes',
    reclaimable: /^total_inactive_file (\d+)$/m,
  },
] as const

/**
 * The memory that the control groups of this process leave it, as a container may have some: of each above it, too. What
 * files are cached in counts as free. Infinite where nothing is limited.
 */
export async function memoryLeftByControlGroups(root: string): Promise<number> {
  const own = await read(join(root, 'proc/self/cgroup'))
  const left = await Promise.all(
    versions.flatMap((version) => {
      const [, group] = version.line.exec(own) ?? []
      return group === undefined
        ? []
        : groupsAbove(group).map((one) => memoryLeft(join(root, version.folder, one), version))
    }),
  )
  return Math.min(...left)
}

/** With itself. In a container its name may be that outside of it, of which only the last one is seen: the topmost. */
function groupsAbove(group: string): readonly string[] {
  if (group === '/' || group.includes('/..')) return ['/']
  return [group, ...groupsAbove(dirname(group))]
}

async function memoryLeft(folder: string, { limit, usage, reclaimable }: (typeof versions)[number]): Promise<number> {
  const [most, used, statistics] = await Promise.all(
    [limit, usage, 'memory.stat'].map((file) => read(join(folder, file))),
  )
  const [, cached = 0] = reclaimable.exec(statistics ?? '') ?? []
  const bytes = Number.parseInt(most ?? '', 10)
  if (Number.isNaN(bytes)) return Number.POSITIVE_INFINITY
  return Math.max(0, bytes - Math.max(0, Number(used) - Number(cached)))
}

async function read(path: string): Promise<string> {
  return readFile(path, 'utf8').catch(() => '')
}
