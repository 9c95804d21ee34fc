import { globSync, statSync } from 'node:fs'
import { extname, join, relative } from 'node:path'

/** How a project names the steps of dr-drill itself. */
export const publishedSteps = 'dr-drill/steps'

const code = '*.{js,cjs,mjs,ts,cts,mts}'

/** Where steps are unless a project says so itself. */
export const defaultSteps: readonly string[] = [publishedSteps, `{features,steps}/**/${code}`]

/** The files that patterns name, relative to the project; of a folder all that is code. Types and tests are no steps. */
export function findStepFiles(project: string, pattern: string): readonly string[] {
  if (pattern === publishedSteps) return [relative(project, publishedFile())]
  const isFolder = statSync(join(project, pattern), { throwIfNoEntry: false })?.isDirectory() === true
  const found = globSync(isFolder ? `${pattern}/**/${code}` : pattern, { cwd: project })
  return found.filter((file) => !/\.(d|test|spec)\.[cm]?[jt]s$/.test(file)).sort()
}

/** Has the extension of this file: sources in a checkout, JavaScript once it is published. */
function publishedFile(): string {
  return join(import.meta.dirname, `../../steps/index${extname(import.meta.filename)}`)
}
