/** A path as a field of fstab(5), with white space and backslashes as octal escapes. */
export function escapeField(path: string): string {
  return path.replace(/[ \t\n\\]/g, (character) => `\\${character.charCodeAt(0).toString(8).padStart(3, '0')}`)
}

/** The programs that read fstab at boot: `mount -a`, or systemd, which differ in what they accept. */
export type FstabReader = 'mount' | 'systemd'

/** A line of fstab, as one of its readers splits it. */
export interface FstabLine {
  /** From 1. */
  readonly number: number
  readonly source: string
  readonly target: string
  readonly type: string
  readonly options: readonly string[]
}

/** The lines of fstab that a reader accepts, with their escapes decoded. */
export function readFstab(text: string, reader: FstabReader): readonly FstabLine[] {
  return text.split('\n').flatMap((line, index) => {
    const fields = fieldsOf(reader === 'mount' ? line.replace(/\r$/, '') : line)
    if (fields.length < 2 || (reader === 'mount' && !isWhole(fields))) return []
    const [source, target, type, options] = fields.map((field) => decoded(field, reader))
    return [
      {
        number: index + 1,
        source: source ?? '',
        target: target ?? '',
        type: type ?? '',
        options: (options ?? '').split(',').filter((option) => option !== ''),
      },
    ]
  })
}

/** Separates at blanks and tabs only, as fstab(5) does: a byte of a longer character may look like other white space. */
export function fieldsOf(line: string): readonly string[] {
  const text = line.replace(/^[ \t]+|[ \t]+$/g, '')
  return text === '' || text.startsWith('#') ? [] : text.split(/[ \t]+/)
}

/** mount(8) ignores a line without a type, or with anything but numbers in the fifth and sixth field. */
function isWhole(fields: readonly string[]): boolean {
  return fields.length >= 3 && fields.slice(4, 6).every((field) => /^[+-]?\d+$/.test(field))
}

/** mount(8) decodes any octal escape, systemd those that getmntent(3) knows, and `\\`. */
function decoded(field: string, reader: FstabReader): string {
  const escapes = reader === 'mount' ? /\\([0-7]{3})/g : /\\(040|011|012|134|\\)/g
  return field.replace(escapes, (_, code: string) =>
    code === '\\' ? code : String.fromCharCode(Number.parseInt(code, 8)),
  )
}
