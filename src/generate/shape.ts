import { z } from 'zod'
import { InputError } from '../errors.ts'
import { findDistribution } from '../target/distribution.ts'
import { mountPathOf } from '../target/mount-path.ts'
import { parseShare } from '../target/share.ts'

/** A range of numbers, both ends included. */
export interface Range {
  readonly min: number
  readonly max: number
}

const many = 1_000_000

const count = (min: number, max = many) =>
  z.coerce.number('must be a whole number').int('must be a whole number').min(min).max(max)

/** `3`, or `1-4`: each owner has another number of them, by the seed. */
const range = (limit: number) =>
  z.union([z.number(), z.string()], 'must be a whole number, or two like 1-4').transform((value, context): Range => {
    const [, first = '', last = first] = /^(\d{1,9})(?:-(\d{1,9}))?$/.exec(String(value)) ?? []
    const [min, max] = [Number(first), Number(last)]
    if (first !== '' && min >= 1 && min <= max && max <= limit) return { min, max }
    context.addIssue(`must be a whole number from 1 to ${limit}, or two like 1-4, not ${JSON.stringify(value)}`)
    return z.NEVER
  })

const units: Readonly<Record<string, number>> = { MiB: 2 ** 20, GiB: 2 ** 30, TiB: 2 ** 40 }
const sizePattern = /^(\d{1,6})(MiB|GiB|TiB)(?:-(\d{1,6})(MiB|GiB|TiB))?$/

/** `10GiB`, or `1GiB-2TiB`. */
const sizes = z.string().transform((text, context): Range => {
  const [, first, unit = '', last = first, lastUnit = unit] = sizePattern.exec(text) ?? []
  const [min, max] = [Number(first) * (units[unit] ?? 0), Number(last) * (units[lastUnit] ?? 0)]
  if (min >= 2 ** 20 && min <= max && max <= 64 * 2 ** 40) return { min, max }
  context.addIssue(`must be a size from 1MiB to 64TiB, like 10GiB, or two like 1GiB-20GiB, not ${JSON.stringify(text)}`)
  return z.NEVER
})

const moment = z.string().transform((text, context): Date => {
  const date = text === 'now' ? new Date() : new Date(text)
  if (!Number.isNaN(date.getTime())) return date
  context.addIssue(`must be a moment like 2026-11-01T02:00:00Z, or now, not ${JSON.stringify(text)}`)
  return z.NEVER
})

/** The shape of a target as people write it. */
export const shapeSchema = z.strictObject({
  seed: z.union([z.string(), z.number()]).transform(String).default('1'),
  distribution: z.string().default('juju'),
  version: z.union([z.string(), z.number()]).transform(String).default('4.1'),
  share: z.string().default('10.10.2.20:/upstream'),
  workloads: count(1).default(4),
  vms: range(1000).default({ min: 1, max: 2 }),
  disks: range(24).default({ min: 1, max: 2 }),
  diskSize: sizes.default({ min: 10 * 2 ** 30, max: 10 * 2 ** 30 }),
  snapshots: count(1, 10_000).default(5),
  keep: count(1, 10_000).optional(),
  fullEvery: count(1, 10_000).optional(),
  newest: moment.default(new Date('2026-11-01T02:00:00Z')),
  addedDisks: count(0).default(0),
  imageBooted: count(0).default(0),
  encrypted: count(0).default(0),
  deleted: count(0).default(0),
  upgradeAfter: count(1, 10_000).optional(),
  upgradeTo: z.union([z.string(), z.number()]).transform(String).optional(),
  missing: count(0).default(0),
  cutShort: count(0).default(0),
  brokenRecords: count(0).default(0),
  networks: z.boolean().default(false),
})

/** A checked shape with all defaults. */
export type TargetShape = z.output<typeof shapeSchema>

/** Returns the mount paths under which the backups were written: all of them, and that of a snapshot. */
export function originOfSnapshots(shape: TargetShape): {
  readonly all: readonly string[]
  of(snapshot: number): string
} {
  const before = mountPathIn(shape, shape.version)
  const after = shape.upgradeTo === undefined ? before : mountPathIn(shape, shape.upgradeTo)
  return {
    all: [...new Set([before, after])],
    of: (snapshot) => (shape.upgradeAfter !== undefined && snapshot > shape.upgradeAfter ? after : before),
  }
}

/**
 * Checks that the keys of a shape fit each other. The plan checks them against the numbers that the seed gives.
 * @throws InputError
 */
export function checkShape(shape: TargetShape, source: string): void {
  const refuse = (message: string) => {
    throw new InputError(`${source}: ${message}`)
  }
  if ((shape.upgradeAfter === undefined) !== (shape.upgradeTo === undefined))
    refuse('upgradeAfter and upgradeTo require each other')
  if (shape.upgradeAfter !== undefined && shape.upgradeAfter >= shape.snapshots)
    refuse(`upgradeAfter must be less than the ${shape.snapshots} snapshots that are taken`)
  if (shape.keep !== undefined && shape.keep > shape.snapshots)
    refuse(`keep must be at most the ${shape.snapshots} snapshots that are taken`)
  for (const path of originOfSnapshots(shape).all) {
    // The name of a parent has at most 1023 bytes. The tree needs 222 of them, and a json: name another 150.
    const maxBytes = 1023 - 222 - (shape.encrypted > 0 ? 150 : 0)
    if (Buffer.byteLength(path) > maxBytes)
      refuse(`share: its mount path must have at most ${maxBytes} bytes to fit into an image`)
  }
}

function mountPathIn({ distribution, share }: TargetShape, version: string): string {
  const { baseDirectory, pathRule } = findDistribution(distribution, version)
  return mountPathOf(baseDirectory, parseShare(share), pathRule)
}
