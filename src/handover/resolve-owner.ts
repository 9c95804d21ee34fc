import type { CloudProject, CloudUser, People } from '../identity/people.ts'
import { nearest } from '../input/nearest.ts'
import type { HandoverMapping, MappedOwner } from './mapping.ts'

/** A project or a user. */
type Named = { readonly id: string; readonly name: string; readonly domainId: string }

/** The owner of a mapping that exists on the new cloud. */
export interface ResolvedOwner {
  readonly mapped: MappedOwner
  readonly project: CloudProject
  readonly user: CloudUser
}

export interface ResolvedMapping {
  readonly owners: readonly ResolvedOwner[]
  /** Why other owners of the mapping do not exist, each with file and line. */
  readonly problems: readonly string[]
}

/** Finds the projects and users that a mapping names. */
export function resolveMapping(mapping: HandoverMapping, people: People): ResolvedMapping {
  const names = new CloudNames(people)
  const owners: ResolvedOwner[] = []
  const problems: string[] = []
  for (const mapped of mapping.owners) {
    const project = names.project(mapped.project)
    const user = names.user(mapped.user)
    for (const one of [project, user]) if (typeof one === 'string') problems.push(`${mapped.at}: ${one}`)
    if (typeof project !== 'string' && typeof user !== 'string') owners.push({ mapped, project, user })
  }
  return { owners, problems }
}

/** Projects and users of a cloud by how a mapping names them: by id, name, or domain and name. */
export class CloudNames {
  readonly #people: People
  readonly #projects: ReadonlyMap<string, readonly CloudProject[]>
  readonly #users: ReadonlyMap<string, readonly CloudUser[]>

  constructor(people: People) {
    this.#people = people
    this.#projects = Map.groupBy(people.data.projects, ({ name }) => name)
    this.#users = Map.groupBy(people.data.users, ({ name }) => name)
  }

  /** Returns the project, or why there is none. */
  project(text: string): CloudProject | string {
    return this.#find('project', text, this.#people.project(text), this.#projects)
  }

  /** Returns the user, or why there is none. */
  user(text: string): CloudUser | string {
    return this.#find('user', text, this.#people.user(text), this.#users)
  }

  /** All projects of this name, in any domain. */
  projectsNamed(name: string): readonly CloudProject[] {
    return this.#projects.get(name) ?? []
  }

  /** All users of this name, in any domain. */
  usersNamed(name: string): readonly CloudUser[] {
    return this.#users.get(name) ?? []
  }

  /** `domain/name` */
  qualified({ name, domainId }: Named): string {
    return `${this.#people.domain(domainId)?.name ?? domainId}/${name}`
  }

  /** The shortest text that finds this project or user again: `domain/name`, or its id. */
  reference(one: Named, kind: 'project' | 'user'): string {
    const text = this.qualified(one)
    const found = kind === 'project' ? this.project(text) : this.user(text)
    return typeof found !== 'string' && found.id === one.id && text === text.trim() ? text : one.id
  }

  #find<Item extends Named>(
    kind: string,
    text: string,
    withId: Item | undefined,
    byName: ReadonlyMap<string, readonly Item[]>,
  ): Item | string {
    const found = new Set(withId && [withId])
    for (const one of byName.get(text) ?? []) found.add(one)
    // A name may contain slashes, and so may the name of a domain.
    for (let slash = text.indexOf('/'); slash !== -1; slash = text.indexOf('/', slash + 1))
      for (const one of byName.get(text.slice(slash + 1)) ?? []) {
        const domain = text.slice(0, slash)
        if (domain === one.domainId || domain === this.#people.domain(one.domainId)?.name) found.add(one)
      }
    const [first, ...others] = found
    if (first === undefined) return this.#unknown(kind, text, byName)
    if (others.length === 0) return first
    const all = [first, ...others].map((one) => `${this.qualified(one)} (${one.id})`)
    return `${kind} ${JSON.stringify(text)} is ambiguous: ${all.slice(0, maxListed).join(', ')}: write an id`
  }

  #unknown<Item extends Named>(kind: string, text: string, byName: ReadonlyMap<string, readonly Item[]>): string {
    // Comparing with a hundred thousand names would take seconds for each unknown one.
    const known = byName.values().take(maxCompared).toArray().flat()
    const meant = nearest(
      text,
      known.map((one) => (text.includes('/') ? this.qualified(one) : one.name)),
    )
    return `unknown ${kind} ${JSON.stringify(text)}${meant === undefined ? '' : `: did you mean ${meant}?`}`
  }
}

const maxListed = 5
const maxCompared = 2000
