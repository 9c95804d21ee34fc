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

/**
 * fstab with the bind in it, after the line that mounts its local path, so that it binds the share and not the empty
 * directory below it; at the end where nothing there mounts it. All other bytes stay as they are.
 */
export function withBind(fstab: string, bind: Bind): string {
  if (hasBind(fstab, bind)) return fstab
  const lines = fstab.split('\n')
  const ownLine = lines.findLastIndex((line) => fieldsOf(line)[1] === bind.local)
  if (ownLine !== -1) {
    const isLast = ownLine === lines.length - 1
    return [...lines.slice(0, ownLine + 1), bindLine(bind), ...(isLast ? [''] : lines.slice(ownLine + 1))].join('\n')
  }
  const start = fstab === '' || fstab.endsWith('\n') ? fstab : `${fstab}\n`
  return `${start}${bindLine(bind)}\n`
}

/** fstab without the line that `withBind` adds. All other bytes stay as they are. */
export function withoutBind(fstab: string, bind: Bind): string {
  const lines = fstab.split('\n')
  const index = lines.indexOf(bindLine(bind))
  return index === -1 ? fstab : [...lines.slice(0, index), ...lines.slice(index + 1)].join('\n')
}

/** Blanks are what fstab(5) takes for them: a byte of a longer character may look like another white space. */
function fieldsOf(line: string): readonly string[] {
  const text = line.replace(/^[ \t\r]+|[ \t\r]+$/g, '')
  return text === '' || text.startsWith('#') ? [] : text.split(/[ \t]+/).map(unescapeField)
}
