import { defineParameterType } from '@cucumber/cucumber'
import { InputError, type RestoreAsker, type RestoreWay, readMapping } from '../../src/index.ts'
import type { Reading } from './reading.ts'

/**
 * A user of the site that came up last. Without a project, it is the only one of the user.
 * @example "alice"
 * @example "alice" in project "web-shop"
 */
defineParameterType({
  name: 'asker',
  regexp: /"([^"]*)"(?: in project "([^"]*)")?/,
  transformer: (user: string, project?: string): RestoreAsker => ({ user, ...(project !== undefined && { project }) }),
  useForSnippets: false,
})

/**
 * How a user restores a snapshot: as new instances, in place, or with a mapping, which is a file of the project; and on which
 * compute. Without a compute, the workload manager chooses the least busy one.
 * @shown [ in place][ on {string}][ with the mapping {string}]
 * @example on "compute-1"
 * @example in place
 * @example with the mapping "restore.json"
 * @example on "compute-1" with the mapping "restore.json"
 */
defineParameterType({
  name: 'restoreWay',
  regexp: /((?: in place)?)(?: on "([^"]*)")?(?: with the mapping "([^"]*)")?/,
  transformer(this: Reading, inPlace: string, compute?: string, file?: string): RestoreWay {
    const isInPlace = inPlace !== ''
    if (isInPlace && file !== undefined) throw new InputError('a restore in place cannot have a mapping')
    return {
      ...(compute !== undefined && { compute }),
      ...(isInPlace && { isInPlace }),
      ...(file !== undefined && { mapping: readMapping(file, this?.parameters?.project ?? process.cwd()) }),
    }
  },
  useForSnippets: false,
})
