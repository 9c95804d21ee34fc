// Users of a cloud
import { type DataTable, Given, When } from '@cucumber/cucumber'
import { readUserTable } from '../src/index.ts'
import type { OwnerChoice } from './parameters/person.ts'
import { readsTable } from './support/reads-table.ts'
import type { DrillWorld } from './support/world.ts'

const usersIn = (table: DataTable) => readUserTable(table.hashes())

/**
 * Gives a site a cloud with these users, before the site comes up. Its appliance then has a
 * [workload manager](handover.md). Roles are separated by commas. A row without a user is a project without users.
 * @example
 * Given site "recovery" has the users:
 *   | user  | project  | roles           | email             |
 *   | alice | web-shop | member, creator | alice@example.org |
 *   | bob   | billing  | member          | bob@example.org   |
 */
Given(
  'site {string} has the users:',
  readsTable(usersIn),
  async function (this: DrillWorld, site: string, table: DataTable) {
    await this.rehearsal.people.setUsers(site, usersIn(table))
  },
)

/**
 * Gives a site the users, projects and cloud id of another one, before the site comes up: both use one identity service, or
 * it was restored.
 * @example Given site "recovery" has the same users as site "primary"
 */
Given(
  'site {string} has the same users as site {siteName}',
  async function (this: DrillWorld, site: string, other: string) {
    await this.rehearsal.people.shareUsers(site, other)
  },
)

/**
 * Makes a user of the primary site the owner of a workload, before it is backed up. The records on the target then name the
 * user and the project.
 * @example Given workload "web" belongs to "alice" in project "web-shop"
 */
Given('workload {string} belongs to {owner}', async function (this: DrillWorld, workload: string, owner: OwnerChoice) {
  await this.rehearsal.people.own(workload, owner)
})

/**
 * Withdraws a role from a user at the site that came up last.
 * @example When the role "member" of "alice" in project "web-shop" is withdrawn
 */
When('the role {string} of {owner} is withdrawn', async function (this: DrillWorld, role: string, owner: OwnerChoice) {
  await this.rehearsal.people.withdraw(role, owner)
})
