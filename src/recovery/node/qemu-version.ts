/**
 * What an image can have that not every qemu-img opens, from which version on it does, and where QEMU says so. `walk.py`
 * counts images by these names.
 */
const formats = [
  { name: 'compat=1.1', what: 'version 3 of the format', since: [1, 1], source: 'docs/system/images.rst, compat' },
  { name: 'LUKS', what: 'encryption by LUKS', since: [2, 10], source: 'qapi/block-core.json, Qcow2 encryption format' },
  { name: 'zstd', what: 'compression by zstd', since: [5, 1], source: 'qapi/block-core.json, Qcow2CompressionType' },
  { name: 'extended L2', what: 'subclusters', since: [5, 2], source: 'qapi/block-core.json, extended-l2' },
] as const

/** Chains are read while others may have them open (`qemu-img compare -U`): QEMU's ChangeLog of 2.10, image locking. */
const readsShared = [2, 10] as const

/** How many images have what. */
export type FormatCounts = Readonly<Record<string, number>>

/** @param said the first line of `qemu-img --version`, empty where there is none */
export function qemuName(said: string): string {
  return said === '' ? 'none' : (/^qemu-img version (\d[\w.]*)/.exec(said)?.[1] ?? said)
}

/** What images have that a qemu-img is too old for, a sentence each; none for a version that cannot be read. */
export function tooOldFor(said: string, counts: FormatCounts): readonly string[] {
  return formats.flatMap(({ name, what, since }) => {
    const images = counts[name] ?? 0
    if (images === 0 || isFrom(said, since)) return []
    return [
      `qemu-img ${qemuName(said)} does not open ${images} of the images, which have ${what}: from ${since.join('.')} on`,
    ]
  })
}

/** Why it cannot be tried with a qemu-img whether chains read; undefined where it can. */
export function whyNotTried(said: string): string | undefined {
  if (said === '') return 'there is no qemu-img where restores run: whether chains read cannot be tried'
  if (isFrom(said, readsShared)) return undefined
  return `qemu-img ${qemuName(said)} does not read what is open elsewhere (from ${readsShared.join('.')} on): whether chains read cannot be tried`
}

/** Distributions keep QEMU's numbers, also where they carry more. */
function isFrom(said: string, [major, minor]: readonly [number, number]): boolean {
  const [, one, other] = /^qemu-img version (\d+)\.(\d+)/.exec(said) ?? []
  if (one === undefined || other === undefined) return true
  return Number(one) > major || (Number(one) === major && Number(other) >= minor)
}
