import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { MachineError } from '../../errors.ts'
import { invocation } from '../../localhost/invocation.ts'
import type { Shell } from '../../shell/shell.ts'

/** The folder with the recipe of the guest image. */
export const recipeFolder = fileURLToPath(new URL('../../../containers/guest/', import.meta.url))

/** The recipe of the guest image. */
export interface Recipe {
  /** The digest of all files, as 16 hexadecimal digits. Each recipe makes an image of its own. */
  readonly digest: string
  /** Paths below the folder, sorted. */
  readonly files: readonly string[]
}

/** Options for building an image. */
export interface ImageBuild {
  readonly shell: Shell
  /** Receives a line for each step. */
  readonly report: (line: string) => void
  /** Installs packages on this machine. @throws MachineError with the command to install them */
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
  return new MachineError('image-missing', `the guest image of the ${engine} engine is missing`, {
    remedy: `${invocation} setup --engine ${engine}`,
  })
}
