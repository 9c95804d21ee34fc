import { InputError } from '../../errors.ts'
import { readCloudFile } from '../cloud-file.ts'
import type { IdentityService } from '../identity-service.ts'
import { People } from '../people.ts'
import { findCloud } from './clouds-files.ts'
import { KeystoneIdentity } from './keystone-identity.ts'

/** How a person names a cloud: by its name in `clouds.yaml`, or by a file with its people. */
export interface CloudChoice {
  readonly cloud?: string | undefined
  readonly cloudFile?: string | undefined
  /** An answer of Keystone that pauses for this long is given up. */
  readonly answerWithinMs?: number
}

/** A cloud whose people can be read. */
export interface OpenedCloud extends AsyncDisposable {
  readonly identity: Pick<IdentityService, 'cloud' | 'readPeople'>
  /** The role that each owner of a workload needs. Undefined if the cloud does not have it. */
  readonly trusteeRole?: string
  /** What is unsafe about the connection. Users must see it. */
  readonly warnings: readonly string[]
}

/** @throws InputError for an unknown cloud, or a file that is not one of a cloud */
export function openCloud({ cloud, cloudFile, answerWithinMs }: CloudChoice): OpenedCloud {
  if (cloud !== undefined && cloudFile !== undefined) throw new InputError('name a cloud or its file, not both')
  if (cloudFile !== undefined) {
    // It is read once: it may be a pipe.
    const { name, people, trusteeRole } = readCloudFile(cloudFile)
    return {
      identity: { cloud: name, readPeople: async () => new People(people) },
      trusteeRole,
      warnings: [],
      [Symbol.asyncDispose]: async () => {},
    }
  }
  const identity = new KeystoneIdentity(findCloud({ cloud }), {
    ...(answerWithinMs !== undefined && { answerWithinMs }),
  })
  return { identity, warnings: identity.warnings, [Symbol.asyncDispose]: () => identity[Symbol.asyncDispose]() }
}
