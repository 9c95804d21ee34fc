import { readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'

/** Where each version of control groups has the limit, the use, and the reclaimable part of the memory of a group. */
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
 * Returns the bytes of memory that the control groups of this process, and all groups above them, leave to it. Cached
 * files count as free. Infinity if there is no limit. Containers may have one.
 */
export async function memoryLeftByControlGroups(root: string): Promise<number> {
  const own = await read(join(root, 'proc/self/cgroup'))
  const left = await Promise.all(
    versions.flatMap((version) => {
      const [, group] = version.line.exec(own) ?? []
      return group === undefined
        ? []
        : withParents(group).map((one) => memoryLeft(join(root, version.folder, one), version))
    }),
  )
  return Math.min(...left)
}

/** The group and those above it. In a container, a group may have its name outside, but only the root is visible. */
function withParents(group: string): readonly string[] {
  if (group === '/' || group.includes('/..')) return ['/']
  return [group, ...withParents(dirname(group))]
}

async function memoryLeft(folder: string, { limit, usage, reclaimable }: (typeof versions)[number]): Promise<number> {
  const [max, used, statistics] = await Promise.all(
    [limit, usage, 'memory.stat'].map((file) => read(join(folder, file))),
  )
  const [, cached = 0] = reclaimable.exec(statistics ?? '') ?? []
  const bytes = Number.parseInt(max ?? '', 10)
  if (Number.isNaN(bytes)) return Number.POSITIVE_INFINITY
  return Math.max(0, bytes - Math.max(0, Number(used) - Number(cached)))
}

async function read(path: string): Promise<string> {
  return readFile(path, 'utf8').catch(() => '')
}
