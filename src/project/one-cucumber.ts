import { realpathSync } from 'node:fs'
import { findPackageJSON } from 'node:module'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { InputError } from '../errors.ts'

const cucumber = '@cucumber/cucumber'

/**
 * Checks that the project and dr-drill use the same copy of Cucumber. A copy runs only the steps that are registered with
 * it.
 * @throws InputError that names both copies
 */
export function refuseSecondCucumber(project: string): void {
  const ours = findCopy(import.meta.url)
  if (ours === undefined) {
    throw new InputError(`${cucumber} is not installed beside dr-drill`, {
      remedy: `Run: npm install --save-dev ${cucumber}`,
    })
  }
  const theirs = findCopy(pathToFileURL(join(project, 'steps.js')).href)
  // A project without Cucumber has no steps of its own.
  if (theirs === undefined || theirs === ours) return
  throw new InputError(
    `there are two copies of ${cucumber}: dr-drill uses ${ours}, the steps of this project import ${theirs}`,
    {
      remedy: `Install dr-drill in the project and run it there: npx dr-drill run. npm ls ${cucumber} shows the copies.`,
    },
  )
}

/** Returns the folder of the copy that a module would import, without symbolic links. */
function findCopy(base: string): string | undefined {
  try {
    const manifest = findPackageJSON(cucumber, base)
    return manifest === undefined ? undefined : dirname(realpathSync(manifest))
  } catch {
    return undefined
  }
}
