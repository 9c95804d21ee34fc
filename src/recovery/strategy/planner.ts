import { decodeMountPath } from '../../target/origin.ts'
import type { Action } from '../action/actions.ts'
import { whyNotPlain } from '../action/paths.ts'
import { isThere, type NodeState, type PairState, type PathState, shows } from '../node/node-state.ts'
import { type FormatCounts, tooOldFor, whyNotTried } from '../node/qemu-version.ts'
import { planBindMount } from './plan.ts'

export interface PlanOptions {
  /** Whether binds are to outlast a reboot. */
  readonly persist: boolean
  /** Who mounts the shares, as the inventory says. */
  readonly mountedBy?: 'fstab' | 'product'
  /** What the product does in its version where fstab does not mount a share; left out where that is not known. */
  readonly mountsOnDemand?: boolean
  /** What images have that not every qemu-img opens. */
  readonly formats?: FormatCounts
}

/** Why an origin path is not prepared on a node, or the node cannot restore all. */
export interface Refusal {
  /** Left out where it is about none. */
  readonly origin?: string
  readonly why: string
  readonly remedy: string
  /** Whatever is cleared away: a bind is not what this site needs. */
  readonly isLasting?: true
}

/** What is to be done on one node. */
export interface NodePlan {
  readonly where: string
  readonly actions: readonly Action[]
  readonly refusals: readonly Refusal[]
  /** What a person should know. */
  readonly notes: readonly string[]
}

/** Only what is needed, and nothing where something stands against it. */
export function planNode(state: NodeState, options: PlanOptions): NodePlan {
  const plans = state.pairs.map((pair) => planPair(state, pair, options))
  const notes = plans.flatMap((plan) => plan.notes)
  const untried = state.serviceUnknown === undefined ? whyNotTried(restoredBy(state)) : undefined
  if (untried !== undefined) notes.push(untried)
  if (state.serviceUnknown !== undefined) notes.push(`what the service sees is not known: ${state.serviceUnknown}`)
  return {
    where: state.where,
    actions: plans.flatMap((plan) => plan.actions),
    refusals: [...plans.flatMap((plan) => plan.refusals), ...lackedBy(state, options)],
    notes: [...new Set(notes)],
  }
}

/** What a node lacks whatever is done to it: a target, or a qemu-img that opens all images. */
export function lackedBy(state: NodeState, { formats = {} }: Pick<PlanOptions, 'formats'>): readonly Refusal[] {
  const old = state.serviceUnknown === undefined ? tooOldFor(restoredBy(state), formats) : []
  const remedy = 'Restores of these fail there: it takes a newer QEMU where the service runs.'
  return [...absentTargets(state), ...old.map((why) => ({ why, remedy }))]
}

const restoredBy = ({ qemuImg, serviceQemuImg }: NodeState): string => serviceQemuImg ?? qemuImg

/** What is not mounted cannot be restored from, also where no origin path stands for it. */
function absentTargets(state: NodeState): readonly Refusal[] {
  const needed = new Set(state.pairs.map(({ local }) => local.path))
  return state.targets.flatMap((target) => {
    const { path, mount } = target.host
    if (needed.has(path) || isThere(state, target) !== false) return []
    const why = mount === undefined ? `nothing is mounted at ${path}` : `the product's service does not see ${path}`
    const remedy = mount === undefined ? 'Mount the share there, as the product does.' : 'Restart its container.'
    return [{ origin: path, why, remedy }]
  })
}

type PairPlan = Pick<NodePlan, 'actions' | 'refusals' | 'notes'>

function planPair(state: NodeState, pair: PairState, options: PlanOptions): PairPlan {
  const { persist } = options
  const [local, origin] = [pair.local.path, pair.origin.path]
  const isBound = shows(pair.origin, pair.local)
  const comesAndGoes = isOnDemand(pair, options)
  const mustBeKept = persist && !pair.isKeptInFstab
  // A link, or a folder that is bound as a whole, leads there as well, and lasts as it is.
  const isAllDone = isBound && (!mustBeKept || pair.origin.mount === undefined)
  const refusal = isAllDone
    ? notSeen(pair)
    : (whyNot(pair) ??
      (isBound ? notSeen(pair) : comesAndGoes === true ? onDemand(local) : undefined) ??
      (mustBeKept ? whyNotKept(state, pair, comesAndGoes) : undefined))
  if (refusal !== undefined) return { actions: [], refusals: [{ origin, ...refusal }], notes: [] }
  if (isAllDone) return { actions: [], refusals: [], notes: [] }
  const wanted = planBindMount({ local, origin, persist })
  return {
    actions: wanted.filter(({ kind }) => (kind === 'persist' ? mustBeKept : !isBound)),
    refusals: [],
    notes: comesAndGoes === undefined && !isBound ? [perhapsOnDemand(local)] : [],
  }
}

/** Whether the share comes and goes; undefined where that is not known. */
function isOnDemand(pair: PairState, { mountedBy, mountsOnDemand }: PlanOptions): boolean | undefined {
  if (mountedBy !== undefined) return mountedBy === 'product'
  return pair.isLocalInFstab ? false : mountsOnDemand
}

function perhapsOnDemand(local: string): string {
  return `fstab does not mount ${local}: if the product mounts it when it needs it, as from version 6.2 on, a bind goes on showing what was mounted before (mountedBy, or the version, in an inventory says which)`
}

/** Who asks for a bind that lasts is not to be told that all is well without one. */
function whyNotKept(
  { whyNotFstab }: NodeState,
  { local, isLocalInFstab }: PairState,
  comesAndGoes: boolean | undefined,
): Omit<Refusal, 'origin'> | undefined {
  // Whatever an inventory says: bound at boot, before the share is mounted, it would show the empty directory below.
  if (comesAndGoes === true || !isLocalInFstab)
    return {
      why: `the bind cannot be kept over reboots: fstab does not mount ${local.path}, so that a line in fstab would bind an empty directory`,
      remedy: 'Recover without --persist, and let units of systemd keep the bind (dr-drill plan --units).',
    }
  if (whyNotFstab === undefined) return undefined
  return { why: whyNotFstab, remedy: 'Recover without --persist, or see to /etc/fstab first.' }
}

/** Every image could read well on the host, and not one restore succeed. */
function notSeen({ origin, service }: PairState): Omit<Refusal, 'origin'> | undefined {
  if (service === undefined || shows(service.origin, service.local)) return undefined
  return {
    why: `the host sees what is at ${origin.path}, and the product's service does not`,
    remedy: 'Restart its container; if that does not help, see which folder it shares with the host.',
  }
}

function onDemand(local: string): Omit<Refusal, 'origin'> {
  return {
    why: `the product mounts ${local} itself, when it needs it: a bind would go on showing what was mounted before`,
    remedy: 'Let units of systemd follow it (dr-drill plan --units), or rebase. If it stays mounted: mountedBy: fstab.',
    isLasting: true,
  }
}

/** Why units of systemd are not to bind it either: all that stands against a bind, but that the share comes and goes. */
export function whyNotFollowed({ local, origin }: PairState): Omit<Refusal, 'origin'> | undefined {
  return whyNotPaths(local, origin) ?? whyNotThere(origin, local)
}

function whyNot({ local, origin }: PairState): Omit<Refusal, 'origin'> | undefined {
  const odd = whyNotPaths(local, origin)
  if (odd !== undefined) return odd
  if (local.mount === undefined)
    return {
      why: `nothing is mounted at ${local.path}: a bind made now would show the empty directory below`,
      remedy: 'Mount the share there first, as the product does.',
    }
  return whyNotThere(origin, local)
}

/** What the paths themselves have against a bind. */
function whyNotPaths(local: PathState, origin: PathState): Omit<Refusal, 'origin'> | undefined {
  const odd = whyNotPlain(origin.path) ?? (isSystems(origin.path) ? 'it is in a folder of the system' : undefined)
  if (odd !== undefined)
    return { why: `${origin.path} cannot be bound: ${odd}`, remedy: 'See which images name it: dr-drill assess.' }
  if (local.path.startsWith(`${origin.path}/`) || origin.path.startsWith(`${local.path}/`))
    return {
      why: `${origin.path} and ${local.path} cannot be bound: one is inside the other`,
      remedy: 'Use --strategy rebase.',
    }
  if (decodeMountPath(origin.path) === undefined)
    return {
      why: `${origin.path} is no mount path: it is not a base directory and an encoded share`,
      remedy: 'See which images have this name for their parent: dr-drill assess.',
    }
  if (local.link !== undefined) return linked(local.link)
  if (origin.link !== undefined) return linked(origin.link)
  return undefined
}

/** What is at the origin path already, and is not what is to be there. */
function whyNotThere(origin: PathState, local: PathState): Omit<Refusal, 'origin'> | undefined {
  if (origin.mount !== undefined && origin.mount.of !== local.mount?.of)
    return {
      why: `${origin.mount.source} is mounted at ${origin.path} already, and that is not what is at ${local.path}`,
      remedy: 'If it is a bind that has gone stale, unmount it; if it is another share, the two are mixed up.',
    }
  if (origin.kind === 'other') return { why: `${origin.path} is not a directory`, remedy: 'Move away what is there.' }
  if (origin.kind === 'unreadable' && origin.mount === undefined)
    return { why: `${origin.path}: ${origin.error ?? 'it cannot be read'}`, remedy: 'See what is there.' }
  if (origin.mount === undefined && origin.isEmpty === false)
    return { why: `${origin.path} is not empty: a bind would hide what is there`, remedy: 'Move away what is there.' }
  return undefined
}

/** What is written in a backup must not lead to a folder made, and covered, among the system's own. */
function isSystems(path: string): boolean {
  return /^\/(bin|boot|dev|etc|lib|lib32|lib64|proc|root|run|sbin|sys|usr)(\/|$)/.test(path)
}

function linked(link: string): Omit<Refusal, 'origin'> {
  return { why: `${link} is a symbolic link`, remedy: 'Name the path that it leads to, or replace it by a directory.' }
}
