/** The text of subuid(5) and subgid(5): lines of `name:first:count`, with a name or a number. */
export interface SubordinateIds {
  readonly uids: string
  readonly gids: string
}

const size = 65_536
/** The first id that distributions use. */
const lowest = 100_000

/** Returns the command that gives a user the missing ids of both kinds, from a free range. Undefined if none are missing. */
export function grantOfIds(username: string, uid: number, { uids, gids }: SubordinateIds): string | undefined {
  const lacks = (table: string) => !rangesOf(table).some(({ owner }) => owner === username || owner === String(uid))
  const range = freeRange([uids, gids])
  const options = [
    ...(lacks(uids) ? [`--add-subuids ${range}`] : []),
    ...(lacks(gids) ? [`--add-subgids ${range}`] : []),
  ]
  return options.length === 0 ? undefined : `usermod ${options.join(' ')} ${username}`
}

/** Returns the range above all ranges in use, which may have any size. */
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
