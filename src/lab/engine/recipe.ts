import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { MachineError } from '../../errors.ts'
import { invocation } from '../../localhost/invocation.ts'
import type { Shell } from '../../shell/shell.ts'

/** What the guest image is made from. */
export const recipeFolder = fileURLToPath(new URL('../../../containers/guest/', import.meta.url))

export interface Recipe {
  /** Of all that goes into the image: 16 hexadecimal digits. Another recipe makes another image. */
  readonly digest: string
  /** Below the folder, sorted. */
  readonly files: readonly string[]
}

/** What building an image takes. */
export interface ImageBuild {
  readonly shell: Shell
  /** Takes one line at a time: what is being done now. */
  readonly report: (line: string) => void
  /** Installs packages on this machine, or throws a MachineError with the command to do so. */
  readonly install: (packages: readonly string[], why: string) => Promise<void>
}

export async function readRecipe(): Promise<Recipe> {
  const entries = await readdir(recipeFolder, { recursive: true, withFileTypes: true })
  const files = entries
    .filter((entry) => entry.isFile() && entry.name !== 'README.md')
    .map((entry) => join(entry.parentPath, entry.name).slice(recipeFolder.length))
    .sort()
  const hash = createHash('sha256')
  for (const file of files)
    hash
      .update(`${file}\0`)
      .update(await readFile(join(recipeFolder, file)))
      .update('\0')
  return { digest: hash.digest('hex').slice(0, 16), files }
}

export function imageMissing(engine: string): MachineError {
  return new MachineError('image-missing', `the guest image of the ${engine} engine is not there`, {
    remedy: `${invocation} setup --engine ${engine}`,
  })
}
