/** What subuid(5) and subgid(5) say: `name:first:count`, by name or number, a line each. */
export interface SubordinateIds {
  readonly uids: string
  readonly gids: string
}

const size = 65_536
/** Where the distributions begin. */
const lowest = 100_000

/** What gives a user those of both kinds that he lacks, the same that nobody has yet; undefined when he lacks none. */
export function grantOfIds(username: string, uid: number, { uids, gids }: SubordinateIds): string | undefined {
  const lacks = (table: string) => !rangesOf(table).some(({ owner }) => owner === username || owner === String(uid))
  const range = freeRange([uids, gids])
  const options = [
    ...(lacks(uids) ? [`--add-subuids ${range}`] : []),
    ...(lacks(gids) ? [`--add-subgids ${range}`] : []),
  ]
  return options.length === 0 ? undefined : `usermod ${options.join(' ')} ${username}`
}

/** Above all that are given: they may be of any size. */
function freeRange(tables: readonly string[]): string {
  const first = Math.max(lowest, ...tables.flatMap(rangesOf).map(({ end }) => end))
  return `${first}-${first + size - 1}`
}

interface Range {
  readonly owner: string
  /** The first id after it. */
  readonly end: number
}

function rangesOf(table: string): readonly Range[] {
  return [...table.matchAll(/^([^:#\n]+):(\d+):(\d+)$/gm)].map(([, owner = '', first, count]) => ({
    owner,
    end: Number(first) + Number(count),
  }))
}
