import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, it } from 'node:test'
import { openContentReader } from './open-reader.ts'

const folder = mkdtempSync(join(tmpdir(), 'content-open-'))
after(() => rmSync(folder, { recursive: true }))

it('where there is no qemu-nbd, it says what to install', async () => {
  await assert.rejects(openContentReader({ program: [join(folder, 'qemu-nbd')] }), {
    code: 'qemu-nbd-missing',
    blame: 'machine',
    remedy: 'apt-get install --no-install-recommends qemu-utils',
  })
})

it('secrets are the files of a folder, which has to be there', async () => {
  const program = ['/bin/true'] as const
  mkdirSync(join(folder, 'secrets', 'a folder'), { recursive: true })
  await openContentReader({ program: [...program], secretsFolder: join(folder, 'secrets') })
  await assert.rejects(openContentReader({ program: [...program], secretsFolder: join(folder, 'none') }), {
    blame: 'input',
  })
})

it('where it is called from does not matter, though the user may not be there', async () => {
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
