import { defineParameterType } from '@cucumber/cucumber'
import { quotedList, quotedValues } from './quoted.ts'

/** A user in a project, by name. */
export interface OwnerChoice {
  readonly user: string
  readonly project: string
}

/** Undefined for an administrator. */
export type PersonChoice = OwnerChoice | undefined

/**
 * A person at the site that came up last: an administrator, or a user in one of the user's projects.
 * @example an administrator
 * @example "alice" in project "web-shop"
 */
defineParameterType({
  name: 'person',
  regexp: /an administrator|"([^"]*)" in project "([^"]*)"/,
  transformer: (user?: string, project?: string): PersonChoice =>
    user === undefined || project === undefined ? undefined : { user, project },
  useForSnippets: false,
})

/**
 * An owner of workloads: a user in a project.
 * @example "alice" in project "web-shop"
 */
defineParameterType({
  name: 'owner',
  regexp: /"([^"]*)" in project "([^"]*)"/,
  transformer: (user: string, project: string): OwnerChoice => ({ user, project }),
  useForSnippets: false,
})

/**
 * Workloads that were backed up.
 * @example every workload
 * @example workload "web"
 * @example workloads "web" and "db"
 */
defineParameterType({
  name: 'workloads',
  regexp: new RegExp(`every workload|workloads? (${quotedList})`),
  transformer: (list?: string): readonly string[] | 'every' => (list === undefined ? 'every' : quotedValues(list)),
  useForSnippets: false,
})
