/**
 * Features of images that not every qemu-img opens, the first version that does, and where QEMU documents it.
 * `list_images.py` counts images by these names.
 */
const formats = [
  { name: 'compat=1.1', what: 'version 3 of the format', since: [1, 1], source: 'docs/system/images.rst, compat' },
  { name: 'LUKS', what: 'encryption by LUKS', since: [2, 10], source: 'qapi/block-core.json, Qcow2 encryption format' },
  { name: 'zstd', what: 'compression by zstd', since: [5, 1], source: 'qapi/block-core.json, Qcow2CompressionType' },
  { name: 'extended L2', what: 'subclusters', since: [5, 2], source: 'qapi/block-core.json, extended-l2' },
] as const

/** Chains are read while they may be open elsewhere (`qemu-img compare -U`): QEMU's ChangeLog of 2.10, image locking. */
const readsShared = [2, 10] as const

/** How `node_state.py` begins the line for a qemu-img that exists and cannot be started. */
const cannotStart = 'cannot be started: '

/** How many images use each feature. */
export type FormatCounts = Readonly<Record<string, number>>

/** The version in the first line of `qemu-img --version`, which is empty if there is none. */
export function qemuName(line: string): string {
  return line === '' ? 'none' : (/^qemu-img version (\d[\w.]*)/.exec(line)?.[1] ?? line)
}

/** One sentence for each feature that a qemu-img is too old for. None for a version that cannot be read. */
export function tooOldFor(line: string, counts: FormatCounts): readonly string[] {
  return formats.flatMap(({ name, what, since }) => {
    const images = counts[name] ?? 0
    if (images === 0 || isFrom(line, since)) return []
    return [`qemu-img ${qemuName(line)} cannot open ${images} of the images: ${what} needs ${since.join('.')} or later`]
  })
}

/** Why a qemu-img cannot be used to test whether chains can be read. Undefined if it can. */
export function whyNotTried(line: string): string | undefined {
  if (line === '') return 'no qemu-img is installed where restores run: chains cannot be tested there'
  if (line.startsWith(cannotStart)) return `qemu-img ${line}: chains cannot be tested there`
  if (isFrom(line, readsShared)) return undefined
  return `qemu-img ${qemuName(line)} cannot read images that are open elsewhere, which needs ${readsShared.join('.')} or later: chains cannot be tested there`
}

/** Distributions keep QEMU's version numbers, and add their own after them. */
function isFrom(line: string, [major, minor]: readonly [number, number]): boolean {
  const [, one, other] = /^qemu-img version (\d+)\.(\d+)/.exec(line) ?? []
  if (one === undefined || other === undefined) return true
  return Number(one) > major || (Number(one) === major && Number(other) >= minor)
}
