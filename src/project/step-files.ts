import { globSync, statSync } from 'node:fs'
import { extname, join, relative } from 'node:path'

/** The name of the steps of dr-drill in a configuration. */
export const publishedSteps = 'dr-drill/steps'

const code = '*.{js,cjs,mjs,ts,cts,mts}'

/** The steps of a project that configures none. */
export const defaultSteps: readonly string[] = [publishedSteps, `{features,steps}/**/${code}`]

/** Returns the files of a pattern, relative to the project. For a folder: all code in it. Types and tests are left out. */
export function findStepFiles(project: string, pattern: string): readonly string[] {
  if (pattern === publishedSteps) return [relative(project, publishedFile())]
  const isFolder = statSync(join(project, pattern), { throwIfNoEntry: false })?.isDirectory() === true
  const found = globSync(isFolder ? `${pattern}/**/${code}` : pattern, { cwd: project })
  return found.filter((file) => !/\.(d|test|spec)\.[cm]?[jt]s$/.test(file)).sort()
}

/** Returns the file with the steps of dr-drill: a source in a checkout, JavaScript in the package. */
function publishedFile(): string {
  return join(import.meta.dirname, `../../steps/index${extname(import.meta.filename)}`)
}
