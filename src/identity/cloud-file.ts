import { randomUUID } from 'node:crypto'
import { z } from 'zod'
import { InputError } from '../errors.ts'
import { check } from '../input/schema-check.ts'
import { readNamedFile } from '../localhost/named-file.ts'
import { writeWhole } from '../localhost/write-whole.ts'
import type { DescribedCloud } from './described-cloud.ts'
import type { IdentityService, TrustRequest } from './identity-service.ts'
import { type CloudTrust, People } from './people.ts'

const named = { id: z.string(), name: z.string() }
const owned = { ...named, domainId: z.string(), isEnabled: z.boolean() }

const fileSchema = z.strictObject({
  name: z.string(),
  id: z.string(),
  people: z.strictObject({
    domains: z.array(z.strictObject({ ...named, isEnabled: z.boolean() })),
    projects: z.array(z.strictObject(owned)),
    users: z.array(z.strictObject({ ...owned, email: z.string().exactOptional() })),
    roles: z.array(z.strictObject(named)),
    assignments: z.array(z.strictObject({ userId: z.string(), projectId: z.string(), roleId: z.string() })),
    trusts: z.array(
      z.strictObject({
        id: z.string(),
        trustorId: z.string(),
        trusteeId: z.string(),
        projectId: z.string(),
        roles: z.array(z.string()),
      }),
    ),
    quotas: z.array(z.strictObject({ projectId: z.string(), resource: z.string(), limit: z.number() })),
  }),
  flavors: z.array(z.string()),
  flavorSizes: z.record(z.string(), z.strictObject({ vcpus: z.number(), ramMib: z.number() })).default({}),
  networks: z.array(z.string()),
  volumeTypes: z.array(z.string()),
  trusteeRole: z.string(),
})

/** Returns a cloud as the text of its file, which `readCloudFile` reads. */
export function cloudFileText(cloud: DescribedCloud): string {
  return `${JSON.stringify(cloud, null, 2)}\n`
}

/** The people of a large cloud: a hundred thousand users have about 30 MB. */
const maxBytes = 256 * 2 ** 20

/**
 * Reads the file of a cloud.
 * @throws InputError if it cannot be read, or is not the file of a cloud
 */
export function readCloudFile(path: string): DescribedCloud {
  const text = readNamedFile({ what: 'the cloud', path, maxBytes })
  let content: unknown
  try {
    content = JSON.parse(text)
  } catch (cause) {
    throw new InputError(`${path}: ${(cause as Error).message}`, { cause })
  }
  return check(fileSchema, content, path)
}

/** The identity service of a lab's site: a file on its appliance, which is replaced atomically. */
export class EmbeddedIdentity implements IdentityService {
  readonly #path: string

  constructor(path: string) {
    this.#path = path
  }

  get cloud(): string {
    return readCloudFile(this.#path).name
  }

  async readPeople(signal?: AbortSignal): Promise<People> {
    signal?.throwIfAborted()
    return new People(readCloudFile(this.#path).people)
  }

  async createTrust({ trustorId, trusteeId, projectId, roles }: TrustRequest): Promise<CloudTrust> {
    const cloud = readCloudFile(this.#path)
    const people = new People(cloud.people)
    for (const id of [trustorId, trusteeId]) if (!people.user(id)) throw new InputError(`user ${id} does not exist`)
    if (!people.project(projectId)) throw new InputError(`project ${projectId} does not exist`)
    const lacking = roles.find((role) => !people.hasRole(trustorId, projectId, role))
    if (lacking !== undefined)
      throw new InputError(`user ${trustorId} does not have the role ${lacking} in project ${projectId}`)
    const trust = { id: `trust-${randomUUID()}`, trustorId, trusteeId, projectId, roles }
    const trusts = [...people.data.trusts, trust]
    writeWhole(this.#path, cloudFileText({ ...cloud, people: { ...cloud.people, trusts } }))
    return trust
  }
}
