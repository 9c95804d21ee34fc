import { DrillError } from '../../errors.ts'
import type { CloudTrust } from '../../identity/people.ts'
import type { WorkloadManager } from '../manager.ts'
import { writeLog } from '../manager-log.ts'

/** The user of the product's service, which acts for others. */
export const serviceUser = 'triliovault'

/** A trust that a user asks for. */
export interface NewTrust {
  readonly userId: string
  readonly projectId: string
  /** The name of a role of the user in the project. */
  readonly role: string
  /** True for the trust of the whole cloud, which an administrator creates. */
  readonly isCloudTrust: boolean
}

/** The API's answer. The command line of the product exits with 0 for both. */
export type TrustAnswer =
  | { readonly status: 200; readonly trust: CloudTrust }
  | { readonly status: 500; readonly message: string }

const setting = 'cloud-trust'

/**
 * Asks the API for a trust of a user to the product's service. If the identity service refuses it, the API answers with
 * status 500, and nothing is thrown: only a trust in `listTrusts` is a proof [public test notes]. Assumption: a cloud that
 * describes no user `triliovault` has one that is not listed, and the trustor represents it.
 */
export async function createTrust(manager: WorkloadManager, asked: NewTrust): Promise<TrustAnswer> {
  const { userId, projectId, role, isCloudTrust } = asked
  try {
    const { data } = await manager.identity.readPeople()
    const trusteeId = data.users.find(({ name }) => name === serviceUser)?.id ?? userId
    const trust = await manager.identity.createTrust({ trustorId: userId, trusteeId, projectId, roles: [role] })
    if (isCloudTrust) manager.store.set(setting, trust.id)
    return { status: 200, trust }
  } catch (error) {
    if (!(error instanceof DrillError)) throw error
    writeLog(manager, 'WARNING', `trust-create: ${error.message}`)
    return { status: 500, message: error.message }
  }
}

/** Lists trusts: those of a project, the trust of the cloud, or all. */
export async function listTrusts(
  manager: WorkloadManager,
  { projectId, isCloudTrust = false }: { readonly projectId?: string; readonly isCloudTrust?: boolean } = {},
): Promise<readonly CloudTrust[]> {
  const { data } = await manager.identity.readPeople()
  const cloudTrust = manager.store.setting(setting)
  return data.trusts.filter(
    (trust) => (projectId === undefined || trust.projectId === projectId) && (!isCloudTrust || trust.id === cloudTrust),
  )
}
