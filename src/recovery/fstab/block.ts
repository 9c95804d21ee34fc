import { type Bind, keptLine } from './bind-line.ts'
import { bootVerdict } from './boot-verdict.ts'
import { type FstabLine, fieldsOf, readFstab } from './fields.ts'
import { type Fstab, isBindLine, realLines } from './fstab.ts'

/** The lines around the binds that are kept. No other part of the file is ours. */
const begin = '# dr-drill begin: binds that restores need'
const end = '# dr-drill end'

/** True if fstab has the line of `keptLine`, in a block or not, with any line end. */
export function isKept(text: string, bind: Bind): boolean {
  const ours = [keptLine(bind, true), keptLine(bind, false)]
  return text.split('\n').some((line) => ours.includes(line.replace(/\r$/, '')))
}

/**
 * Why no line can be added to fstab. Undefined if one can. Programs that read it take a carriage return for a part of the
 * last field.
 */
export function whyNotToAdd(text: string): string | undefined {
  const line = text.split('\n').findIndex((one) => one.endsWith('\r') && fieldsOf(one.slice(0, -1)).length > 0)
  return line === -1 ? undefined : `line ${line + 1} of /etc/fstab ends with a carriage return, as in Windows`
}

/**
 * fstab with the bind in a block of ours, after the line of the share, so that it does not bind the empty directory below. All
 * other bytes stay as they are. Returns the text unchanged if the bind is kept already, by us or by an operator, or if a line
 * for it exists and only the share prevents that it works.
 */
export function withBind(fstab: Fstab, bind: Bind): string {
  const { isKept: isKeptAlready, remarks } = bootVerdict(fstab, bind)
  if (isKeptAlready) return fstab.text
  // The line of the share may have been moved after ours.
  const rest = withoutBind(fstab.text, bind)
  const added = [inLastBlock(fstab, rest, bind), inNewBlock(fstab, rest, bind)].filter((text) => text !== undefined)
  const kept = added.find((text) => bootVerdict(withText(fstab, text), bind).isKept)
  if (kept !== undefined) return kept
  return remarks.some(({ cause }) => cause.startsWith('share-')) ? fstab.text : (added[0] ?? fstab.text)
}

/** The same node with another fstab, which its generator has not seen. */
export function withText({ isSystemd, links, unitFiles }: Fstab, text: string): Fstab {
  return { text, isSystemd, ...(links && { links }), ...(unitFiles && { unitFiles }) }
}

/** Undefined if no block of ours is after the line of the share. */
function inLastBlock(fstab: Fstab, text: string, bind: Bind): string | undefined {
  const lines = text.split('\n')
  const last = blocksOf(lines).at(-1)
  const share = realLines(withText(fstab, text)).findLast(({ target }) => target === bind.local)
  if (last === undefined || (share !== undefined && share.number > last.first)) return undefined
  return [...lines.slice(0, last.last), keptLine(bind, fstab.isSystemd), ...lines.slice(last.last)].join('\n')
}

function inNewBlock({ isSystemd }: Fstab, text: string, bind: Bind): string {
  const start = text === '' || text.endsWith('\n') ? text : `${text}\n`
  return `${start}${begin}\n${keptLine(bind, isSystemd)}\n${end}\n`
}

/** fstab without the line that `withBind` adds, and without its block if that is empty then. All other bytes stay. */
export function withoutBind(text: string, bind: Bind): string {
  const lines = text.split('\n')
  const gone = new Set<number>()
  const isOurs = (line: string) => readFstab(line, 'mount').some((one) => isBindOf(one, bind))
  for (const { first, last } of blocksOf(lines)) {
    const inside = lines.slice(first + 1, last)
    const ours = inside.filter(isOurs)
    if (ours.length === 0) continue
    for (const [index, line] of inside.entries()) if (isOurs(line)) gone.add(first + 1 + index)
    if (ours.length === inside.length) gone.add(first).add(last)
  }
  return gone.size === 0 ? text : lines.filter((_, index) => !gone.has(index)).join('\n')
}

/** True if a line is this bind, whatever its white space and further options. */
function isBindOf(line: FstabLine, { local, origin }: Bind): boolean {
  return line.source === local && line.target === origin && isBindLine(line)
}

/** True if fstab has a block of ours. */
export function hasBlock(text: string): boolean {
  return blocksOf(text.split('\n')).length > 0
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
