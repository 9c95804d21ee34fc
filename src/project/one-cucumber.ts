import { realpathSync } from 'node:fs'
import { findPackageJSON } from 'node:module'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { InputError } from '../errors.ts'

const cucumber = '@cucumber/cucumber'

/**
 * Steps register themselves with the copy of Cucumber that they import, and it runs only those: the project's has to
 * be ours.
 * @throws InputError that names both copies
 */
export function refuseSecondCucumber(project: string): void {
  const ours = findCopy(import.meta.url)
  if (ours === undefined) {
    throw new InputError(`${cucumber} is not installed beside dr-drill`, {
      remedy: `npm install --save-dev ${cucumber}`,
    })
  }
  const theirs = findCopy(pathToFileURL(join(project, 'steps.js')).href)
  // A project without any has no steps of its own that could miss ours.
  if (theirs === undefined || theirs === ours) return
  throw new InputError(
    `there are two copies of ${cucumber}: dr-drill runs the steps of ${ours}, this project's steps import ${theirs}`,
    {
      remedy: `install dr-drill in the project and run it there (npx dr-drill run); npm ls ${cucumber} shows the copies`,
    },
  )
}

/** Its folder, without links. */
function findCopy(base: string): string | undefined {
  try {
    const manifest = findPackageJSON(cucumber, base)
    return manifest === undefined ? undefined : dirname(realpathSync(manifest))
  } catch {
    return undefined
  }
}
