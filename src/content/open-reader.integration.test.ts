import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, it } from 'node:test'
import { openContentReader } from './open-reader.ts'

const folder = mkdtempSync(join(tmpdir(), 'content-open-'))
after(() => rmSync(folder, { recursive: true }))

it('a missing qemu-nbd is reported with the command that installs it', async () => {
  await assert.rejects(openContentReader({ program: [join(folder, 'qemu-nbd')] }), {
    code: 'qemu-nbd-missing',
    blame: 'machine',
    remedy: 'apt-get install --no-install-recommends qemu-utils',
  })
})

it('secrets are the files of a folder, which must exist', async () => {
  const program = ['/bin/true'] as const
  mkdirSync(join(folder, 'secrets', 'a folder'), { recursive: true })
  await openContentReader({ program: [...program], secretsFolder: join(folder, 'secrets') })
  await assert.rejects(openContentReader({ program: [...program], secretsFolder: join(folder, 'none') }), {
    blame: 'input',
  })
})

it('content is read also from a working directory that the user may not enter', async () => {
  const nowhere = mkdtempSync(join(tmpdir(), 'content-open-'))
  const before = process.cwd()
  process.chdir(nowhere)
  rmdirSync(nowhere)
  try {
    await openContentReader({ program: ['/bin/true'] })
  } finally {
    process.chdir(before)
  }
})
