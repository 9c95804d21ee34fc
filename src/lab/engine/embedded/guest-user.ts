import { readFileSync } from 'node:fs'

/**
 * The user of guests if root runs a lab. No account has this id: it is beyond the ranges that distributions and systemd
 * assign. For an ordinary user, guests run as that user.
 */
export const unprivilegedId = 1_999_999_999

/** Numbers of the capabilities that creating namespaces and changing users take, see capabilities(7). */
const needed = { chown: 0, setgid: 6, setuid: 7, netAdmin: 12, sysAdmin: 21 } as const

/**
 * True if this process can create namespaces and change users as root of the machine. False for root of a container that
 * lacks these rights. Such a root is treated as an ordinary user, who creates a user namespace.
 */
export function isPrivileged(): boolean {
  try {
    const [status, users, groups] = ['status', 'uid_map', 'gid_map'].map((file) =>
      readFileSync(`/proc/self/${file}`, 'utf8'),
    )
    return mayActAsRoot(status ?? '', [users ?? '', groups ?? ''])
  } catch {
    return false
  }
}

/** Judges the content of /proc/self/status, and of the maps of users and groups, see user_namespaces(7). */
export function mayActAsRoot(status: string, maps: readonly string[]): boolean {
  return holds(status) && maps.every(contains)
}

function holds(status: string): boolean {
  const effective = BigInt(`0x${/^CapEff:\s*([0-9a-f]+)$/m.exec(status)?.[1] ?? '0'}`)
  return Object.values(needed).every((number) => (effective >> BigInt(number)) % 2n === 1n)
}

/** True if a map of a user namespace contains the id. Each line has the first id inside, the first outside, and the count. */
function contains(map: string): boolean {
  return map
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/\s+/).map(Number))
    .some(([first = 0, , count = 0]) => first <= unprivilegedId && unprivilegedId < first + count)
}
