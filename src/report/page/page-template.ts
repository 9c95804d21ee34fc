import { createHash, randomUUID } from 'node:crypto'
import { globSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { DrillError } from '../../errors.ts'

/** The parts of a page before its summary, before its drills, and after them. */
export type PageTemplate = readonly [head: string, script: string, foot: string]

/** The comments in a template that the data of a run replaces. */
const marks = /<!-- summary -->|<!-- drills -->/

/** The checkout, or `dist` of a package. */
const root = fileURLToPath(new URL('../../../', import.meta.url))

let template: Promise<PageTemplate> | undefined

/** Returns the template of pages. In a checkout, it is built when its sources have changed. */
export function pageTemplate(): Promise<PageTemplate> {
  template ??= readTemplate()
  return template
}

async function readTemplate(): Promise<PageTemplate> {
  const html = readIfExists(join(root, 'page/template.html')) ?? (await builtInCheckout())
  const [head, script, foot] = html.split(marks)
  if (head === undefined || script === undefined || foot === undefined)
    throw new DrillError('machine', 'page-template-broken', 'the template of pages has no place for data')
  return [head, script, foot]
}

/** Returns the template that was built from the same sources, or builds it, which takes about a second. */
async function builtInCheckout(): Promise<string> {
  const folder = join(root, 'node_modules/.cache/dr-drill')
  const cached = join(folder, `page-${digestOfSources()}.html`)
  const known = readIfExists(cached)
  if (known !== undefined) return known
  const { buildPage } = (await import(new URL('page/build.ts', `file://${root}`).href)) as {
    readonly buildPage: () => Promise<string>
  }
  const html = await buildPage()
  keep(folder, cached, html)
  return html
}

/** Keeps a built template, whole or not at all. A checkout that cannot be written builds it again. */
function keep(folder: string, file: string, html: string): void {
  try {
    mkdirSync(folder, { recursive: true })
    const part = `${file}.${randomUUID()}`
    writeFileSync(part, html)
    renameSync(part, file)
  } catch (error) {
    if (!(error instanceof Error && 'syscall' in error)) throw error
  }
}

/** The sources of the page, and the rooms whose code it contains. */
const sources = ['page/**/*.{ts,tsx,css,html,json}', 'src/{journal,report,text}/**/*.ts']

function digestOfSources(): string {
  const hash = createHash('sha256')
  const files = [...globSync(sources, { cwd: root }).sort(), 'package-lock.json']
  for (const file of files)
    hash
      .update(`${file}\0`)
      .update(readFileSync(join(root, file)))
      .update('\0')
  return hash.digest('hex').slice(0, 16)
}

function readIfExists(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}
