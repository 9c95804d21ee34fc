import { decodeMountPath } from '../../../target/origin.ts'
import { whyNotPlain } from '../../action/paths.ts'
import { mountName } from '../../node/mount-remarks.ts'
import { foundAt, type NodeState, type PairState, type PathState, shows } from '../../node/node-state.ts'
import type { Refusal } from '../strategy.ts'

/** Why one pair of paths is not bound. The origin path is added by the caller. */
export type PairRefusal = Omit<Refusal, 'origin'>

/** Why a local path cannot be bound to an origin path as things are on a node. Undefined if it can. */
export function whyNotBound({ local, origin }: PairState): PairRefusal | undefined {
  const odd = whyNotPaths(local, origin)
  if (odd !== undefined) return odd
  if (local.mount === undefined)
    return {
      why: `nothing is mounted at ${local.path}: a bind would show the empty directory below`,
      remedy: 'Mount the share there first, as the product does.',
    }
  return whyNotThere(origin, local)
}

/** Why systemd units must not bind it either: every reason against a bind, except that the share comes and goes. */
export function whyNotFollowed({ local, origin }: PairState): PairRefusal | undefined {
  return whyNotPaths(local, origin) ?? whyNotThere(origin, local)
}

/** Without this, every image could read well on the host, and no restore succeed. */
export function whyNotSeen(state: NodeState, { origin, local }: PairState): PairRefusal | undefined {
  const { service } = foundAt(state, origin.path, local.path)
  if (service === undefined || service.state === 'resolves') return undefined
  return {
    why: `the host sees the data at ${origin.path}, but the product's service does not: ${service.why}`,
    remedy: 'Restart its container. If that does not help, check which folder it shares with the host.',
  }
}

export function onDemandRefusal(local: string): PairRefusal {
  return {
    why: `the product mounts ${local} on demand: a bind would keep showing what was mounted before`,
    remedy:
      'Use systemd units that follow it (dr-drill plan --units), or --strategy rebase. If the share stays mounted, set mountedBy: fstab in the inventory.',
    isLasting: true,
  }
}

/** A request for a bind that lasts must not pass with one that does not. */
export function whyNotKept(
  { whyNotFstab }: NodeState,
  { local, isLocalInFstab, whyNoLine }: PairState,
  isOnDemand: boolean | undefined,
): PairRefusal | undefined {
  // Whatever an inventory says: bound at boot before the share is mounted, it would show the empty directory below.
  if (isOnDemand === true || !isLocalInFstab)
    return {
      why: `the bind cannot be kept over reboots: fstab does not mount ${local.path}, and a line for the bind would bind an empty directory`,
      remedy: 'Recover without --persist, and keep the bind with systemd units (dr-drill plan --units).',
    }
  if (whyNotFstab === undefined) return whyNoLine
  return { why: whyNotFstab, remedy: 'Recover without --persist, or fix /etc/fstab first.' }
}

/** An origin path in a folder that is bound as a whole: after a reboot, nothing binds this folder again. */
export function whyNotAbove({ local, origin }: PairState): PairRefusal | undefined {
  if (origin.mount !== undefined || origin.link !== undefined || !shows(origin, local)) return undefined
  return {
    why: `${origin.path} leads to the share through a mount above it, which /etc/fstab does not make at boot`,
    remedy: 'Unmount it, and run this command again to bind the origin path itself.',
  }
}

function whyNotPaths(local: PathState, origin: PathState): PairRefusal | undefined {
  const remedy = 'Find the images that name it: dr-drill assess.'
  const odd = whyNotPlain(origin.path) ?? (isSystemFolder(origin.path) ? 'it is in a system folder' : undefined)
  if (odd !== undefined) return { why: `${origin.path} cannot be bound: ${odd}`, remedy }
  if (local.path.startsWith(`${origin.path}/`) || origin.path.startsWith(`${local.path}/`))
    return {
      why: `${origin.path} and ${local.path} cannot be bound: one is inside the other`,
      remedy: 'Use --strategy rebase.',
    }
  if (decodeMountPath(origin.path) === undefined)
    return { why: `${origin.path} is not a mount path: it has no encoded share below a base directory`, remedy }
  const link = local.link ?? origin.link
  if (link === undefined) return undefined
  return {
    why: `${link} is a symbolic link`,
    remedy: 'Use the path that it leads to, or replace it with a directory.',
  }
}

/** What occupies the origin path. */
function whyNotThere(origin: PathState, local: PathState): PairRefusal | undefined {
  if (origin.mount !== undefined && origin.mount.of !== local.mount?.of) {
    const below = (origin.mount.below ?? []).map((one) => mountName(one, local.mount))
    const stack = below.length === 0 ? '' : `. Below it: ${below.join(', ')}`
    return {
      why: `${mountName(origin.mount, local.mount)} is already mounted at ${origin.path}, and is not what is mounted at ${local.path}${stack}`,
      remedy: 'Unmount it if it is a stale bind. If it is another share, the two are mixed up.',
    }
  }
  if (origin.hidden !== undefined)
    return {
      why: `${origin.hidden.by} hides what is mounted at ${origin.path}: ${origin.hidden.mounts.map((one) => mountName(one, local.mount)).join(', ')}`,
      remedy: `Unmount ${origin.hidden.by}, and run this command again.`,
    }
  if (origin.kind === 'other') return { why: `${origin.path} is not a directory`, remedy: 'Move it away.' }
  if (origin.kind === 'unreadable' && origin.mount === undefined)
    return { why: `${origin.path}: ${origin.error ?? 'it cannot be read'}`, remedy: 'Check the path on the node.' }
  if (origin.mount === undefined && origin.isEmpty === false)
    return { why: `${origin.path} is not empty: a bind would hide its content`, remedy: 'Move its content away.' }
  return undefined
}

/** A name in a backup must not lead to a directory being made, and covered, in a system folder. */
function isSystemFolder(path: string): boolean {
  return /^\/(bin|boot|dev|etc|lib|lib32|lib64|proc|root|run|sbin|sys|usr)(\/|$)/.test(path)
}
