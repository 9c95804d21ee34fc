import assert from 'node:assert/strict'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { acceptedLicense, createLicense, requireLicense } from './license.ts'
import { makeSite, removeFixtures } from './manager.fixture.ts'

after(removeFixtures)

describe('license', () => {
  it('is required until a file was accepted', () => {
    const { manager, folder } = makeSite({ targets: [], hasLicense: false })
    assert.equal(acceptedLicense(manager), undefined)
    assert.throws(() => requireLicense(manager), { name: 'InputError', remedy: /license-create FILE --accept-eula/ })
    const file = join(folder, 'license')
    writeFileSync(file, 'text')
    const { sha256 } = createLicense(manager, file)
    assert.equal(sha256, '982d9e3eb996f559e633f4d194def3761d909f5a3b647d1a851fead67c32c9d1')
    requireLicense(manager)
    assert.equal(acceptedLicense(manager)?.file, file)
  })

  it('is not a missing, empty or huge file, or a folder', () => {
    const { manager, folder } = makeSite({ targets: [], hasLicense: false })
    const rows: readonly (readonly [string, (path: string) => void, RegExp])[] = [
      ['missing', () => {}, /cannot read the license .*: ENOENT/],
      ['empty', (path) => writeFileSync(path, ''), /is empty/],
      ['huge', (path) => writeFileSync(path, Buffer.alloc(2 ** 20 + 1)), /it has 1\.0 MiB, more than 1\.0 MiB/],
      ['folder', (path) => mkdirSync(path), /cannot read the license .*: EISDIR/],
    ]
    for (const [name, make, message] of rows) {
      make(join(folder, name))
      assert.throws(() => createLicense(manager, join(folder, name)), { name: 'InputError', message })
    }
    assert.equal(acceptedLicense(manager), undefined)
  })
})
