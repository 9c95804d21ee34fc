import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'

const checkout = join(import.meta.dirname, '../..')

/** Where temporary folders are created, and what removes them if all processes are killed. */
const places: Readonly<Record<string, string>> = {
  'src/localhost/own-folder.ts': 'only names the folder for temporary files',
  'src/localhost/watched-folder.ts': 'a record',
  'src/localhost/lab-folder.ts': 'a file with the owner',
  'src/lab/engine/capacity.ts': 'creates nothing',
  'src/generate/data-needs.ts': 'creates nothing',
  'src/generate/data.ts': 'its caller, with a leased folder',
  'src/shell/sshd.ts': 'a server of tests',
}

describe('temporary folders', () => {
  it('are created only where a process that is killed leaves a record of them', () => {
    const files = globSync('{src,steps}/**/*.ts', {
      cwd: checkout,
      exclude: ['**/*.{test,fixture}.ts', '**/*contract.ts'],
    })
    const creating = files.filter((file) =>
      /\b(mkdtemp(Sync)?|tmpdir|temporaryFolder)\(|mktemp -d/.test(readFileSync(join(checkout, file), 'utf8')),
    )
    assert.deepEqual(creating.toSorted(), Object.keys(places).toSorted())
  })
})
