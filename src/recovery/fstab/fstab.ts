import { type FstabLine, type FstabReader, readFstab } from './fields.ts'

/** The content of fstab on a node, and how the node reads it. */
export interface Fstab {
  /** A character for each byte: a comment in another encoding than UTF-8 stays as it is. */
  readonly text: string
  /** True if systemd mounts what it lists. */
  readonly isSystemd: boolean
  /** Paths that lead through symbolic links, as fstab spells them, and the real paths. */
  readonly links?: Readonly<Record<string, string>>
  /** The units that systemd's own generator makes of it. Undefined if the node has none, or it could not run. */
  readonly units?: readonly FstabUnit[]
  /** Unit files that systemd takes instead of what it makes of fstab, by the paths that they mount at. */
  readonly unitFiles?: Readonly<Record<string, string>>
}

/** A mount unit of systemd, made of a line of fstab. */
export interface FstabUnit {
  readonly what: string
  readonly where: string
  readonly type: string
  readonly options: readonly string[]
  /** The units that start it at boot, such as `local-fs.target requires`. Empty if nothing does. */
  readonly startedBy: readonly string[]
  /** True if it is mounted when the path is first used. */
  readonly isAutomount: boolean
}

/** A mount that the boot makes of a line. */
export interface BootMount extends FstabLine {
  /** The units that start it, such as `local-fs.target requires`. Empty if nothing does. */
  readonly startedBy: readonly string[]
  readonly isAutomount: boolean
}

const readerOf = ({ isSystemd }: Pick<Fstab, 'isSystemd'>): FstabReader => (isSystemd ? 'systemd' : 'mount')

export function hasOption({ options }: Pick<FstabLine, 'options'>, ...names: readonly string[]): boolean {
  return options.some((option) => names.includes(option))
}

/** True for a line that shows a folder at another path. mount(8) looks at the options alone, whatever the type is. */
export const isBindLine = (line: Pick<FstabLine, 'options'>): boolean => hasOption(line, 'bind', 'rbind')

/** The lines with real paths: slashes, `.`, `..` and symbolic links of the node do not make another path. */
export function realLines({ text, links, isSystemd }: Fstab): readonly FstabLine[] {
  const real = (path: string) => links?.[path] ?? normalized(path)
  return readFstab(text, readerOf({ isSystemd })).map((line) => ({
    ...line,
    source: line.source.startsWith('/') ? real(line.source) : line.source,
    target: real(line.target),
    options: line.options.map(withoutReturn),
  }))
}

/** systemd reads a carriage return as a part of an option, and leaves it out of the unit. */
export const withoutReturn = (option: string): string => option.replace(/\r$/, '')

/** A path without doubled and trailing slashes, `.` and `..`. */
export function normalized(path: string): string {
  if (!path.startsWith('/')) return path
  const parts: string[] = []
  for (const part of path.split('/')) {
    if (part === '..') parts.pop()
    else if (part !== '' && part !== '.') parts.push(part)
  }
  return `/${parts.join('/')}`
}

/** True if a path is a folder, or something in it. */
export function isWithin(path: string, folder: string): boolean {
  return path === folder || path.startsWith(folder === '/' ? '/' : `${folder}/`)
}
