import { type FstabLine, readFstab } from './fields.ts'
import { type Fstab, type FstabUnit, hasOption, normalized, withoutReturn } from './fstab.ts'

/** What systemd takes for a network file system (`fstype_is_network`). */
const networkTypes = new Set(
  'afs ceph cifs smb3 smbfs sshfs ncpfs ncp nfs nfs4 gfs gfs2 glusterfs pvfs2 ocfs2 lustre davfs'.split(' '),
)

/**
 * The units that systemd makes of fstab, for a node whose own generator cannot be asked, and for lines that are not in the
 * file yet. Of several lines for one mount point, it takes the first.
 */
export function unitsOf({ text, links }: Pick<Fstab, 'text' | 'links'>): readonly FstabUnit[] {
  const units = new Map<string, FstabUnit>()
  for (const line of readFstab(text, 'systemd')) {
    const where = links?.[line.target] ?? normalized(line.target)
    if (line.type === 'swap' || !where.startsWith('/') || units.has(where)) continue
    units.set(where, unitOf(line, where))
  }
  return [...units.values()]
}

function unitOf(line: FstabLine, where: string): FstabUnit {
  const isAutomount = hasOption(line, 'x-systemd.automount', 'comment=systemd.automount')
  return {
    what: line.source,
    where,
    type: line.type,
    options: line.options.map(withoutReturn),
    startedBy: startersOf(line, isAutomount),
    isAutomount,
  }
}

function startersOf(line: FstabLine, isAutomount: boolean): readonly string[] {
  const named = [
    ...valuesOf(line, 'x-systemd.wanted-by').map((unit) => `${unit} wants`),
    ...valuesOf(line, 'x-systemd.required-by').map((unit) => `${unit} requires`),
  ]
  if (named.length > 0 && !isAutomount) return named
  if (!isAutomount && isLast(line, 'noauto', 'auto')) return []
  const isOptional = isLast(line, 'nofail', 'fail') || (isNfs(line) && isLast(line, 'bg', 'fg'))
  return [`${isOnNetwork(line) ? 'remote' : 'local'}-fs.target ${isOptional ? 'wants' : 'requires'}`]
}

/** True for a mount that waits for the network. */
export function isOnNetwork(line: Pick<FstabLine, 'type' | 'options'>): boolean {
  return hasOption(line, '_netdev') || networkTypes.has(line.type.replace(/^fuse\./, ''))
}

export const isNfs = ({ type }: Pick<FstabLine, 'type'>): boolean => type === 'nfs' || type === 'nfs4'

/** The values of an option that may be given more than once. */
export function valuesOf({ options }: Pick<FstabLine, 'options'>, name: string): readonly string[] {
  return options.flatMap((option) => (option.startsWith(`${name}=`) ? [option.slice(name.length + 1)] : []))
}

/** True if an option is given, and not its opposite after it. */
function isLast({ options }: FstabLine, name: string, opposite: string): boolean {
  return options.findLast((option) => option === name || option === opposite) === name
}
