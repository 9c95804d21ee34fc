import { type Dirent, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { JournalEntry } from '../journal/journal.ts'
import { reportFormats } from '../report/index.ts'
import { environmentSecrets, type RedactionCounts, Redactor } from '../text/redact.ts'
import type { PackFile } from './pack-archive.ts'

/** Files without their secrets, and what was replaced in them. */
export interface RedactedFiles {
  readonly files: readonly PackFile[]
  /** By path. */
  readonly counts: Readonly<Record<string, RedactionCounts>>
}

/** Replaces secrets in files of text: in configuration, which people write, and in consoles of older versions. */
export function redactFiles(files: readonly PackFile[]): RedactedFiles {
  const redactor = new Redactor(environmentSecrets(process.env))
  const counts: Record<string, RedactionCounts> = {}
  const redacted = files.map((file) => {
    // Latin-1 keeps every byte.
    const found = redactor.redact(Buffer.from(file.content).toString('latin1'))
    if (found.counts === undefined) return file
    counts[file.path] = found.counts
    return { ...file, content: Buffer.from(found.value, 'latin1') }
  })
  return { files: redacted, counts }
}

/** Returns the reports of a run, made from its journal, and not those on disk, which someone may have edited. */
export async function reportFiles(entries: readonly JournalEntry[]): Promise<readonly PackFile[]> {
  const files: PackFile[] = []
  for (const [path, write] of Object.entries(reportFormats)) {
    const content = await write(entries)
    const parts = typeof content === 'string' ? [content] : await Array.fromAsync(content)
    files.push({ path, content: Buffer.from(parts.join('')) })
  }
  return files
}

/**
 * Returns the plain files of a folder and of those in it, with paths that begin with `prefix`. Empty if it does not exist.
 * Symbolic links are left out: they may lead anywhere.
 */
export function filesIn(folder: string, prefix: string): readonly PackFile[] {
  let entries: readonly Dirent[]
  try {
    entries = readdirSync(folder, { withFileTypes: true })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  }
  return entries.flatMap((entry) => {
    const [from, path] = [join(folder, entry.name), `${prefix}/${entry.name}`]
    if (entry.isDirectory()) return filesIn(from, path)
    return entry.isFile() ? [{ path, content: readFileSync(from) }] : []
  })
}
