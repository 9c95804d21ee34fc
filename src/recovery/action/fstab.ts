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

/**
 * Whether fstab keeps the bind. Where it is not systemd that mounts, order decides: before the line of the share it would
 * bind the empty directory below.
 */
export function hasBind(fstab: string, bind: Bind, isSystemd: boolean): boolean {
  const lines = fstab.split('\n')
  const at = lines.findLastIndex((line) => isBind(line, bind))
  return at !== -1 && (isSystemd || lineOf(lines, bind.local) < at)
}

/** The last line that mounts something at a path; -1 where none does. */
function lineOf(lines: readonly string[], path: string): number {
  return lines.findLastIndex((line) => fieldsOf(line)[1] === path)
}

/** Whether a line mounts something at a path. */
export function mountsAt(fstab: string, path: string): boolean {
  return lineOf(fstab.split('\n'), path) !== -1
}

/** Between them are binds that are kept; nothing else of the file is ours. */
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

/** Whether the line is there as `keptLine` has it, in a block or not, and whatever its end. */
export function isKept(fstab: string, bind: Bind): boolean {
  const ours = [keptLine(bind, true), keptLine(bind, false)]
  return fstab.split('\n').some((line) => ours.includes(line.replace(/\r$/, '')))
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
 * fstab with the bind in a block of ours, behind the line of the share, so that it binds that and not the empty directory
 * below it. All other bytes stay as they are. As it is where it has the bind already, in our words or an operator's.
 */
export function withBind(fstab: string, bind: Bind, isSystemd: boolean): string {
  if (hasBind(fstab, bind, isSystemd)) return fstab
  // The line of the share may have been moved behind ours.
  const rest = withoutBind(fstab, bind)
  const lines = rest.split('\n')
  const last = blocksOf(lines).at(-1)
  const line = keptLine(bind, isSystemd)
  if (last !== undefined && lineOf(lines, bind.local) < last.first)
    return [...lines.slice(0, last.last), line, ...lines.slice(last.last)].join('\n')
  const start = rest === '' || rest.endsWith('\n') ? rest : `${rest}\n`
  return `${start}${begin}\n${line}\n${end}\n`
}

/** fstab without the bind that `withBind` keeps, and without a block of ours when that was all. All other bytes stay. */
export function withoutBind(fstab: string, bind: Bind): string {
  const lines = fstab.split('\n')
  const gone = new Set<number>()
  for (const { first, last } of blocksOf(lines)) {
    const inside = lines.slice(first + 1, last)
    const ours = inside.filter((line) => isBind(line, bind))
    if (ours.length === 0) continue
    for (const [index, line] of inside.entries()) if (isBind(line, bind)) gone.add(first + 1 + index)
    if (ours.length === inside.length) gone.add(first).add(last)
  }
  return gone.size === 0 ? fstab : lines.filter((_, index) => !gone.has(index)).join('\n')
}

/** Whether anything is kept. */
export function hasBlock(fstab: string): boolean {
  return blocksOf(fstab.split('\n')).length > 0
}

/** The lines that blocks of ours begin and end with. One that was cut open is nobody's. */
function blocksOf(lines: readonly string[]): readonly { readonly first: number; readonly last: number }[] {
  const blocks: { first: number; last: number }[] = []
  let first: number | undefined
  for (const [index, line] of lines.entries()) {
    if (line === begin) first = index
    if (line !== end || first === undefined) continue
    blocks.push({ first, last: index })
    first = undefined
  }
  return blocks
}

/** Blanks are what fstab(5) takes for them: a byte of a longer character may look like another white space. */
function fieldsOf(line: string): readonly string[] {
  const text = line.replace(/^[ \t\r]+|[ \t\r]+$/g, '')
  return text === '' || text.startsWith('#') ? [] : text.split(/[ \t]+/).map(unescapeField)
}
