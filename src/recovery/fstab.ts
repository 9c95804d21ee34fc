/** A path as a field of fstab(5): white space and backslashes as octal escapes. */
export function escapeField(path: string): string {
  return path.replace(/[ \t\n\\]/g, (character) => `\\${character.charCodeAt(0).toString(8).padStart(3, '0')}`)
}

function unescapeField(field: string): string {
  return field.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)))
}

export interface Bind {
  readonly local: string
  readonly origin: string
}

/** The page's own line. */
export function bindLine({ local, origin }: Bind): string {
  return `${escapeField(local)} ${escapeField(origin)} none bind 0 0`
}

/** Whether a line of fstab is this bind, whatever its white space and further options. */
function isBind(line: string, { local, origin }: Bind): boolean {
  const [source, target, , options] = fieldsOf(line)
  return source === local && target === origin && (options ?? '').split(',').includes('bind')
}

export function hasBind(fstab: string, bind: Bind): boolean {
  return fstab.split('\n').some((line) => isBind(line, bind))
}

/** Whether a line mounts something at a path. */
export function mountsAt(fstab: string, path: string): boolean {
  return fstab.split('\n').some((line) => fieldsOf(line)[1] === path)
}

/** Between them are the binds that are kept; nothing else of the file is ours. */
const begin = '# dr-drill begin: binds that restores need'
const end = '# dr-drill end'

/**
 * The bind as it is kept. It waits for the network, as the share does, and a host boots without it; where systemd mounts,
 * it waits for the local path too. The page's line alone becomes a unit that the boot requires.
 * @param isSystemd whether systemd mounts what is in fstab
 */
export function keptLine(bind: Bind, isSystemd: boolean): string {
  const local = escapeField(bind.local)
  // A comma would end the option.
  const after = isSystemd && !local.includes(',') ? `,x-systemd.requires-mounts-for=${local}` : ''
  return `${local} ${escapeField(bind.origin)} none bind,_netdev,nofail${after} 0 0`
}

/**
 * Why fstab cannot be added to; undefined where it can. Whatever reads it takes a carriage return for a part of the last
 * field.
 */
export function whyNotToAdd(fstab: string): string | undefined {
  const line = fstab.split('\n').findIndex((one) => fieldsOf(one).length > 0 && one.endsWith('\r'))
  return line === -1 ? undefined : `line ${line + 1} of /etc/fstab ends as in Windows, with a carriage return`
}

/**
 * fstab with the bind in our block, at its end, so that it binds the share and not the empty directory below it. All
 * other bytes stay as they are. As it is where it has the bind already, in our words or an operator's.
 */
export function withBind(fstab: string, bind: Bind, isSystemd: boolean): string {
  if (hasBind(fstab, bind)) return fstab
  const lines = fstab.split('\n')
  const last = lines.lastIndexOf(end)
  const line = keptLine(bind, isSystemd)
  if (last > lines.lastIndexOf(begin) && lines.includes(begin))
    return [...lines.slice(0, last), line, ...lines.slice(last)].join('\n')
  const start = fstab === '' || fstab.endsWith('\n') ? fstab : `${fstab}\n`
  return `${start}${begin}\n${line}\n${end}\n`
}

/** fstab without the bind that `withBind` keeps, and without our block when that was all. All other bytes stay. */
export function withoutBind(fstab: string, bind: Bind): string {
  const lines = fstab.split('\n')
  const [first, last] = [lines.indexOf(begin), lines.lastIndexOf(end)]
  if (first === -1 || last < first) return fstab
  const kept = lines.slice(first + 1, last).filter((line) => !isBind(line, bind))
  const block = kept.length === 0 ? [] : [begin, ...kept, end]
  return [...lines.slice(0, first), ...block, ...lines.slice(last + 1)].join('\n')
}

/** Blanks are what fstab(5) takes for them: a byte of a longer character may look like another white space. */
function fieldsOf(line: string): readonly string[] {
  const text = line.replace(/^[ \t\r]+|[ \t\r]+$/g, '')
  return text === '' || text.startsWith('#') ? [] : text.split(/[ \t]+/).map(unescapeField)
}
