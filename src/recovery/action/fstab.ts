/** A path as a field of fstab(5), with white space and backslashes as octal escapes. */
export function escapeField(path: string): string {
  return path.replace(/[ \t\n\\]/g, (character) => `\\${character.charCodeAt(0).toString(8).padStart(3, '0')}`)
}

function unescapeField(field: string): string {
  return field.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)))
}

/** What a bind connects. */
export interface Bind {
  readonly local: string
  readonly origin: string
}

/** The line of the documented procedure. */
export function bindLine({ local, origin }: Bind): string {
  return `${escapeField(local)} ${escapeField(origin)} none bind 0 0`
}

/** True if a line of fstab is this bind, whatever its white space and further options. */
function isBind(line: string, { local, origin }: Bind): boolean {
  const [source, target, , options] = fieldsOf(line)
  return source === local && target === origin && (options ?? '').split(',').includes('bind')
}

/**
 * True if fstab keeps the bind. If it is not systemd that mounts, order decides: before the line of the share, it would bind
 * the empty directory below.
 */
export function hasBind(fstab: string, bind: Bind, isSystemd: boolean): boolean {
  const lines = fstab.split('\n')
  const at = lines.findLastIndex((line) => isBind(line, bind))
  return at !== -1 && (isSystemd || lineOf(lines, bind.local) < at)
}

/** The index of the last line that mounts something at a path. -1 if none does. */
function lineOf(lines: readonly string[], path: string): number {
  return lines.findLastIndex((line) => fieldsOf(line)[1] === path)
}

/** True if a line mounts something at a path. */
export function mountsAt(fstab: string, path: string): boolean {
  return lineOf(fstab.split('\n'), path) !== -1
}

/** The lines around the binds that are kept. No other part of the file is ours. */
const begin = '# dr-drill begin: binds that restores need'
const end = '# dr-drill end'

/**
 * The line that keeps a bind. It waits for the network, as the share does, and a host boots without it. If systemd mounts, it
 * waits for the local path too. The line of the documented procedure becomes a unit that the boot requires.
 * @param isSystemd true if systemd mounts what fstab lists
 */
export function keptLine(bind: Bind, isSystemd: boolean): string {
  const local = escapeField(bind.local)
  // A comma would end the option.
  const after = isSystemd && !local.includes(',') ? `,x-systemd.requires-mounts-for=${local}` : ''
  return `${local} ${escapeField(bind.origin)} none bind,_netdev,nofail${after} 0 0`
}

/** True if fstab has the line of `keptLine`, in a block or not, with any line end. */
export function isKept(fstab: string, bind: Bind): boolean {
  const ours = [keptLine(bind, true), keptLine(bind, false)]
  return fstab.split('\n').some((line) => ours.includes(line.replace(/\r$/, '')))
}

/**
 * Why no line can be added to fstab. Undefined if one can. Programs that read it take a carriage return for a part of the
 * last field.
 */
export function whyNotToAdd(fstab: string): string | undefined {
  const line = fstab.split('\n').findIndex((one) => fieldsOf(one).length > 0 && one.endsWith('\r'))
  return line === -1 ? undefined : `line ${line + 1} of /etc/fstab ends with a carriage return, as in Windows`
}

/**
 * fstab with the bind in a block of ours, after the line of the share, so that it does not bind the empty directory below. All
 * other bytes stay as they are. Returns fstab unchanged if it has the bind already, written by us or by an operator.
 */
export function withBind(fstab: string, bind: Bind, isSystemd: boolean): string {
  if (hasBind(fstab, bind, isSystemd)) return fstab
  // The line of the share may have been moved after ours.
  const rest = withoutBind(fstab, bind)
  const lines = rest.split('\n')
  const last = blocksOf(lines).at(-1)
  const line = keptLine(bind, isSystemd)
  if (last !== undefined && lineOf(lines, bind.local) < last.first)
    return [...lines.slice(0, last.last), line, ...lines.slice(last.last)].join('\n')
  const start = rest === '' || rest.endsWith('\n') ? rest : `${rest}\n`
  return `${start}${begin}\n${line}\n${end}\n`
}

/** fstab without the line that `withBind` adds, and without its block if that is empty then. All other bytes stay. */
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

/** True if fstab has a block of ours. */
export function hasBlock(fstab: string): boolean {
  return blocksOf(fstab.split('\n')).length > 0
}

/** The first and last lines of our blocks. A block without its last line is not ours any more. */
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

/** Separates at blanks and tabs only, as fstab(5) does: a byte of a longer character may look like other white space. */
function fieldsOf(line: string): readonly string[] {
  const text = line.replace(/^[ \t\r]+|[ \t\r]+$/g, '')
  return text === '' || text.startsWith('#') ? [] : text.split(/[ \t]+/).map(unescapeField)
}
