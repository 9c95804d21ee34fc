import { create, write } from '../image/qemu.ts'
import { quote } from '../shell/quote.ts'
import type { Shell, User } from '../shell/shell.ts'
import type { ImageRecord } from './catalog.ts'

export interface DecoyOptions {
  /** Owner of the images. */
  readonly user: User
  /** Has the tree of a mount path. Missing folders are created. */
  readonly directory: string
  readonly images: readonly Pick<ImageRecord, 'path' | 'virtualSizeBytes'>[]
  readonly signal?: AbortSignal
}

const mebibyte = 2 ** 20

/**
 * Writes other valid images in the place of these: with the same names and virtual sizes, without parents, with other
 * content. QEMU accepts them, so a restore through one succeeds with wrong content.
 * @throws CommandError
 */
export async function writeDecoys(shell: Shell, options: DecoyOptions): Promise<void> {
  const commands = options.images.flatMap(({ path, virtualSizeBytes }, nth) => [
    create(path, virtualSizeBytes),
    write({ format: 'qcow2', path }, [
      // This is more than an overlay of a few changes can hide.
      { kind: 'pattern', byte: 1 + (nth % 255), offset: 0, lengthBytes: Math.min(2 * mebibyte, virtualSizeBytes) },
      { kind: 'pattern', byte: 1 + (nth % 255), offset: virtualSizeBytes - 512, lengthBytes: 512 },
    ]),
  ])
  const folders = [...new Set(options.images.map(({ path }) => path.slice(0, path.lastIndexOf('/'))))]
  const script = [quote(['mkdir', '-p', ...folders]), ...commands.map(quote)].join('\n')
  await shell.run(
    { script },
    {
      user: options.user,
      cwd: options.directory,
      deadlineMs: 900_000,
      ...(options.signal && { signal: options.signal }),
    },
  )
}
