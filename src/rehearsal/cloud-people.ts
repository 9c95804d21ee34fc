import { InputError } from '../errors.ts'
import { cloudFileText } from '../identity/cloud-file.ts'
import type { CloudInput } from '../identity/cloud-schema.ts'
import type { DescribedCloud } from '../identity/described-cloud.ts'
import { nearest } from '../input/nearest.ts'
import { cloudFileOnAppliance } from '../lab/appliance/manager-files.ts'
import type { Site } from '../lab/site.ts'
import { quoteWord } from '../shell/quote.ts'
import { keystoneIdFrom } from '../target/layout.ts'
import type { OwnerIds } from '../verdict/observation/workload-state.ts'
import type { Scene } from './scene.ts'
import { sameCloud } from './user-table.ts'

/** A user in a project, by name. */
export interface NamedOwner {
  readonly user: string
  readonly project: string
}

/** The users of sites' clouds, and the owners of workloads. */
export class CloudPeople {
  readonly #scene: Scene

  constructor(scene: Scene) {
    this.#scene = scene
  }

  /** Gives a site users. It must not have come up yet. */
  async setUsers(site: string, cloud: CloudInput): Promise<void> {
    await this.#scene.perform(['users', site, cloud], async () => {
      this.#scene.knowledge.setCloud(site, cloud)
    })
  }

  /** Gives a site the users and projects of another one, with the same ids. It must not have come up yet. */
  async shareUsers(site: string, other: string): Promise<void> {
    await this.#scene.perform(['same users', site, other], async () => {
      this.#scene.knowledge.setCloud(site, sameCloud(cloudOf(this.#scene.lab.site(other))))
    })
  }

  /** Makes a user of the primary site the owner of a workload that is not backed up yet. */
  async own(workload: string, owner: NamedOwner): Promise<void> {
    await this.#scene.perform(['owner', workload, owner], async () => {
      const { knowledge, primary } = this.#scene
      if (knowledge.backups.has(workload))
        throw new InputError(`workload ${workload} is backed up already: give it an owner before that`)
      knowledge.owners.set(workload, { ...owner, ...idsOf(cloudOf(primary), owner) })
    })
  }

  /** The owner that a workload had when it was backed up. @throws InputError if it was given none */
  ownerOf(workload: string): NamedOwner & OwnerIds {
    const owner = this.#scene.knowledge.owners.get(workload)
    if (owner === undefined) throw new InputError(`workload ${workload} was given no owner`)
    return owner
  }

  /** Finds a user and a project of the site that restores are made on. @throws InputError with the nearest name */
  find(owner: NamedOwner): NamedOwner & OwnerIds {
    return { ...owner, ...idsOf(cloudOf(this.#scene.site), owner) }
  }

  /** Returns a user of the site that restores are made on, in a project that does not exist there. */
  inUnknownProject(user: string): OwnerIds {
    const cloud = cloudOf(this.#scene.site)
    return { userId: named('user', cloud.people.users, user).id, projectId: keystoneIdFrom(`${cloud.id}/no project`) }
  }

  /** Withdraws a role from a user at the site that restores are made on. */
  async withdraw(role: string, owner: NamedOwner): Promise<void> {
    const { userId, projectId } = this.find(owner)
    await this.#change((cloud) => {
      const { id } = named('role', cloud.people.roles, role)
      const { assignments } = cloud.people
      const left = assignments.filter(
        (one) => !(one.userId === userId && one.projectId === projectId && one.roleId === id),
      )
      if (left.length === assignments.length)
        throw new InputError(`user ${owner.user} does not have the role ${role} in project ${owner.project}`)
      return { ...cloud, people: { ...cloud.people, assignments: left } }
    })
  }

  /** Changes the cloud of the site that restores are made on. A power cut leaves the old one or the new one. */
  async #change(edit: (cloud: DescribedCloud) => DescribedCloud): Promise<void> {
    const { shell } = this.#scene.site.appliance
    const { stdout } = await shell.run(['cat', cloudFileOnAppliance])
    const text = cloudFileText(edit(JSON.parse(stdout) as DescribedCloud))
    const half = `${cloudFileOnAppliance}.new`
    const replace = `
printf %s ${quoteWord(text)} >${half}
chown --reference=${cloudFileOnAppliance} ${half}
sync ${half}
mv ${half} ${cloudFileOnAppliance}
sync`
    await shell.run({ script: replace })
  }
}

/** The cloud of a site. @throws InputError if it has none */
export function cloudOf({ plan: { name, cloud } }: Pick<Site, 'plan'>): DescribedCloud {
  if (cloud !== undefined) return cloud
  throw new InputError(`site ${name} has no users`, { remedy: 'Give it users before it comes up.' })
}

function idsOf({ people }: DescribedCloud, { user, project }: NamedOwner): OwnerIds {
  return { userId: named('user', people.users, user).id, projectId: named('project', people.projects, project).id }
}

function named<Item extends { readonly name: string }>(what: string, items: readonly Item[], name: string): Item {
  const found = items.find((one) => one.name === name)
  if (found !== undefined) return found
  const known = items.map((one) => one.name)
  const meant = nearest(name, known)
  throw new InputError(
    `unknown ${what} "${name}" (${meant === undefined ? `known: ${known.join(', ') || 'none'}` : `did you mean ${meant}?`})`,
  )
}
