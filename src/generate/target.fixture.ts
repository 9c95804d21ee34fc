import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { parseBackingName } from '../image/backing-name.ts'
import { type ImageHeader, parseHeader } from '../image/header.ts'
import { checkTables } from '../image/tables.ts'
import { parseImagePath } from '../target/layout.ts'
import { type Origin, originOf } from '../target/origin.ts'
import { type RecordFields, readRecord } from '../target/record-files.ts'

/** An image on a target, by its row of `disk_db`. */
export interface ImageOnTarget {
  /** Relative to the target. */
  readonly path: string
  readonly row: RecordFields<'disk_db'>
  /** Number of 4 KiB blocks on disk. Undefined if the file is missing. */
  readonly blocks?: number
  /** Undefined if the header is incomplete. */
  readonly header?: ImageHeader
  readonly keySecret?: string
  readonly parent?: Origin
}

/** Reads all images of a small target, without the code that wrote it. */
export function imagesOn(directory: string): readonly ImageOnTarget[] {
  const files = readdirSync(directory, { recursive: true, encoding: 'utf8' })
  return files
    .filter((file) => file.endsWith('/disk_db'))
    .toSorted()
    .flatMap((file) => readRecord('disk_db', readFileSync(join(directory, file)), file).record ?? [])
    .map((row) => imageOn(directory, row))
}

function imageOn(directory: string, row: RecordFields<'disk_db'>): ImageOnTarget {
  const path = String(row.vault_url).slice(1)
  if (parseImagePath(path)?.imageId !== row.id) throw new Error(`${path} is no place of an image`)
  const stat = statSync(join(directory, path), { throwIfNoEntry: false })
  if (stat === undefined) return { path, row }
  const seen = { path, row, blocks: stat.blocks / 8 }
  if (stat.size < 112) return seen
  const header = parseHeader(readFileSync(join(directory, path)).subarray(0, 65_536))
  if (header.backing === undefined) return { ...seen, header }
  const name = parseBackingName(header.backing.name)
  const parentPath = name.kind === 'path' || name.kind === 'json' ? name.path : undefined
  const parent = parentPath === undefined ? undefined : originOf(parentPath)
  const keySecret = name.kind === 'json' ? name.keySecret : undefined
  return { ...seen, header, ...(keySecret && { keySecret }), ...(parent && { parent }) }
}

/** Reads the records of all snapshots, and leaves out those that cannot be read. */
export function snapshotsOn(directory: string): readonly RecordFields<'snapshot_db'>[] {
  const files = readdirSync(directory, { recursive: true, encoding: 'utf8' })
  return files
    .filter((file) => file.endsWith('/snapshot_db'))
    .toSorted()
    .map((file) => readRecord('snapshot_db', readFileSync(join(directory, file)), file).record)
    .filter((record) => record !== undefined)
}

/** Returns the state of an image, by its tables. */
export async function stateOf(directory: string, { path, blocks, header }: ImageOnTarget): Promise<string> {
  if (header === undefined) return blocks === undefined ? 'missing' : 'no header'
  const bytes = readFileSync(join(directory, path))
  const read = async (offset: number, lengthBytes: number) => bytes.subarray(offset, offset + lengthBytes)
  return (await checkTables({ read }, header, bytes.length)).verdict
}

/** Returns the digests of all files by their paths. Those of folders are empty. */
export function contentsOf(directory: string): Readonly<Record<string, string>> {
  const paths = readdirSync(directory, { recursive: true, encoding: 'utf8' }).toSorted()
  const entries = paths.map((path): [string, string] => {
    const file = join(directory, path)
    return [path, statSync(file).isDirectory() ? '' : createHash('sha256').update(readFileSync(file)).digest('hex')]
  })
  return Object.fromEntries(entries)
}
