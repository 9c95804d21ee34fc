import type { CloudTrust, People } from './people.ts'

/** The roles that a trust is to delegate. */
export interface TrustRequest {
  readonly trustorId: string
  readonly trusteeId: string
  readonly projectId: string
  /** Names of roles. */
  readonly roles: readonly string[]
}

/**
 * The identity service of a cloud: the port to its projects, users and roles. Each implementation passes the suite in
 * `contract.ts`.
 */
export interface IdentityService {
  /** The name of the cloud, for messages. */
  readonly cloud: string
  /**
   * Reads all people of the cloud at this moment.
   * @throws MachineError if the service does not answer, or refuses a part of them
   */
  readPeople(signal?: AbortSignal): Promise<People>
  /**
   * Creates a trust.
   * @throws InputError for an unknown user or project, or a role that the trustor does not have in the project
   */
  createTrust(request: TrustRequest, signal?: AbortSignal): Promise<CloudTrust>
}
