import { createHash } from 'node:crypto'
import { globSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve, sep } from 'node:path'

/** The code of dr-drill itself, which its version names. It is below the project in a checkout. */
const ownRoot = join(import.meta.dirname, '../..')
const ownFolders = [join(ownRoot, 'src'), join(ownRoot, 'steps')]

const importedFile = /(?:\bfrom|\bimport|\brequire)\s*\(?\s*['"](\.{1,2}\/[^'"\n]+)['"]/g

/** A file of `require` may have no extension. */
const extensions = ['', '.js', '.cjs', '.json', '.ts', '/index.js']

/**
 * Returns the SHA-256 of the code of a project, by path: its steps, and all files of the project that they import by a
 * relative path. Other files that they read are not known.
 * @param patterns of the files with steps, relative to the project
 */
export function ownCode(project: string, patterns: readonly string[]): Readonly<Record<string, string>> {
  const found = new Map<string, string>()
  const waiting = patterns
    .flatMap((pattern) => globSync(pattern, { cwd: project }))
    .map((file) => resolve(project, file))
  for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
    if (found.has(path) || !isOwn(project, path)) continue
    const content = contentOf(path)
    if (content === undefined) continue
    found.set(path, createHash('sha256').update(content).digest('hex'))
    for (const [, name = ''] of content.toString('utf8').matchAll(importedFile))
      waiting.push(...extensions.map((extension) => `${resolve(dirname(path ?? ''), name)}${extension}`))
  }
  const entries = [...found].map(([path, digest]) => [relative(project, path).split(sep).join('/'), digest] as const)
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)))
}

function isOwn(project: string, path: string): boolean {
  const isBelow = (folder: string) => path.startsWith(`${resolve(folder)}${sep}`)
  return isBelow(project) && !ownFolders.some(isBelow) && !path.split(sep).includes('node_modules')
}

function contentOf(path: string): Buffer | undefined {
  try {
    return readFileSync(path)
  } catch {
    return undefined
  }
}
