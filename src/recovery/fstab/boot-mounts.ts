import { type BootMount, type Fstab, type FstabUnit, hasOption, isBindLine, isWithin, realLines } from './fstab.ts'
import { isOnNetwork, unitsOf, valuesOf } from './fstab-units.ts'

/** The mounts that a boot makes of fstab, in the order in which it makes them. */
export function bootMounts(fstab: Fstab): readonly BootMount[] {
  return fstab.isSystemd ? inOrder(startedMounts(allUnits(fstab))) : mountsOfAll(fstab)
}

/** `mount -a`: one line after another, each of them even where another line has the same mount point. */
function mountsOfAll(fstab: Fstab): readonly BootMount[] {
  return realLines(fstab)
    .filter((line) => !hasOption(line, 'noauto') && line.type !== 'swap' && canMount(line))
    .map((line) => ({ ...line, startedBy: ['mount -a'], isAutomount: false }))
}

/** mount(8) knows no such file systems: without the option, these types are no bind. */
export const canMount = (line: Pick<BootMount, 'type' | 'options'>): boolean =>
  isBindLine(line) || !['', 'none', 'bind', 'rbind'].includes(line.type)

/** A unit as systemd orders it: by the paths as they are spelled. */
interface OrderedMount extends BootMount {
  readonly needs: readonly string[]
}

/** The units with the numbers of their lines. */
function allUnits(fstab: Fstab): readonly OrderedMount[] {
  const lines = realLines(fstab)
  return (fstab.units ?? unitsOf(fstab)).map((unit) => {
    const line = lines.find(({ target, type }) => target === unit.where && type !== 'swap')
    return {
      number: line?.number ?? 0,
      source: line?.source ?? unit.what,
      target: unit.where,
      type: unit.type,
      options: unit.options,
      startedBy: unit.startedBy,
      isAutomount: unit.isAutomount,
      needs: pathsNeeded(unit),
    }
  })
}

/** The paths whose mounts a unit requires and waits for. It does not look through symbolic links. */
function pathsNeeded(unit: FstabUnit): readonly string[] {
  const isLocal = isBindLine(unit) || !isOnNetwork(unit)
  const paths = [
    unit.where.replace(/\/[^/]*$/, ''),
    ...(isLocal ? [unit.what] : []),
    ...valuesOf(unit, 'x-systemd.requires-mounts-for'),
    ...valuesOf(unit, 'x-systemd.requires'),
  ]
  return paths
    .filter((path) => path.startsWith('/') && !/\/\.\.?(\/|$)/.test(path))
    .map((path) => path.replace(/(?<=.)\/+$/, '').replace(/\/{2,}/g, '/'))
}

/** Those that something starts, and those that they require, even if these have `noauto`. */
function startedMounts(all: readonly OrderedMount[]): readonly OrderedMount[] {
  const started = new Set(all.filter(({ startedBy }) => startedBy.length > 0))
  for (const mount of started) for (const needed of requiredBy(mount, all)) started.add(needed)
  return all.filter((mount) => started.has(mount))
}

const requiredBy = ({ target, needs }: OrderedMount, all: readonly OrderedMount[]) =>
  all.filter((other) => other.target !== target && needs.some((path) => isWithin(path, other.target)))

/**
 * After what they require. Where nothing orders two mounts, systemd may begin with either: a bind that is not made to wait for
 * what it shows comes first here. Mounts that are made when they are used come last.
 */
function inOrder(mounts: readonly OrderedMount[]): readonly BootMount[] {
  const ordered = new Set<OrderedMount>()
  const visit = (mount: OrderedMount, path: readonly OrderedMount[]) => {
    if (ordered.has(mount) || path.includes(mount)) return
    for (const needed of requiredBy(mount, mounts)) visit(needed, [...path, mount])
    ordered.add(mount)
  }
  const isBlind = (mount: OrderedMount) => {
    const required = requiredBy(mount, mounts)
    const carried = mounts.filter(
      (other) =>
        isWithin(mount.source, other.target) || (hasOption(mount, 'rbind') && isWithin(other.target, mount.source)),
    )
    const isEarly = carried.some((other) => other !== mount && !required.includes(other))
    return isBindLine(mount) && isEarly
  }
  const used = mounts.filter(({ isAutomount }) => isAutomount)
  const others = mounts.filter((mount) => !used.includes(mount))
  for (const mount of [...others.filter(isBlind), ...others, ...used]) visit(mount, [])
  return [...ordered].filter(canMount)
}
