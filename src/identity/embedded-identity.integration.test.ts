import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { check } from '../input/schema-check.ts'
import { cloudFileText, EmbeddedIdentity } from './cloud-file.ts'
import { cloudSchema } from './cloud-schema.ts'
import { identityContract } from './contract.ts'
import { describeCloud } from './described-cloud.ts'

identityContract('a file', async (cloud) => {
  const folder = mkdtempSync(join(tmpdir(), 'dr-drill-identity-test-'))
  const path = join(folder, 'cloud.json')
  writeFileSync(path, cloudFileText(describeCloud(check(cloudSchema, cloud, 'test'), 'recovery', 'test')))
  const admin = new EmbeddedIdentity(path)
  return { admin, as: async () => admin, [Symbol.asyncDispose]: async () => rmSync(folder, { recursive: true }) }
})
