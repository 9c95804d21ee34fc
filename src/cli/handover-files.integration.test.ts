import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdirSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { summary } from '../handover/notice/notice.fixture.ts'
import { cloudFileText } from '../identity/cloud-file.ts'
import { cloudSchema } from '../identity/cloud-schema.ts'
import { describeCloud } from '../identity/described-cloud.ts'
import { check } from '../input/schema-check.ts'
import { removeFixtures, scratch } from '../workloadmgr/manager.fixture.ts'
import { describeError, exitCodeFor } from './print-error.ts'
import { buildProgram } from './program.ts'
import { parse } from './run-program.ts'

after(removeFixtures)
const folder = scratch('handover-files')
process.chdir(folder)
const cloud = describeCloud(check(cloudSchema, {}, 'test'), 'recovery', 'test')
writeFileSync('cloud.json', cloudFileText(cloud))
writeFileSync('mapping.yaml', 'cloud: recovery\n')
const records = [{ kind: 'workload', workloadId: 'w', snapshots: [] }, summary]
writeFileSync('a.ndjson', records.map((one) => `${JSON.stringify(one)}\n`).join(''))
mkdirSync('directory')
execFileSync('mkfifo', ['pipe'])
writeFileSync('binary', 'a\0b')
writeFileSync('huge', '')
truncateSync('huge', 2 ** 31)
writeFileSync('other', '\u00fcber: [1\n')

/** Every option of the handover commands that names a file to read, and the last part of the command line. */
const plan = ['plan', '.']
const checked = ['check', '.', '--cloud-file', 'cloud.json']
const notify = ['notify', '--from', 'dr@example.org']
const toCloud = ['--cloud-file', 'cloud.json']
const assessed = ['--from-assessment', 'a.ndjson']
const options: readonly (readonly [command: readonly string[], option: string])[] = [
  [plan, '--cloud-file'],
  [[...plan, ...toCloud], '--old-cloud-file'],
  [[...plan, ...toCloud], '--mapping'],
  [checked, '--mapping'],
  [[...checked, '--mapping', 'mapping.yaml'], '--from-assessment'],
  [[...notify, ...toCloud, '--dry-run'], '--from-assessment'],
  [[...notify, ...assessed, '--dry-run'], '--cloud-file'],
  [[...notify, ...assessed, ...toCloud, '--smtp', 'smtp://u@h'], '--smtp-password-file'],
  [[...notify, ...assessed, ...toCloud, '--smtp', 'smtp://h'], '--ca'],
  [[...notify, ...assessed, ...toCloud, '--webhook', 'https://h'], '--webhook-token-file'],
]
const files: Readonly<Record<string, RegExp>> = {
  gone: /cannot read .*gone: ENOENT: no such file or directory/,
  directory: /cannot read .*directory: EISDIR: it is a directory/,
  pipe: /cannot read .*pipe: it is not a regular file/,
  binary: /cannot read .*binary: it is a binary file/,
  // The length of an assessment is not limited.
  huge: /cannot read .*huge: (it has 2\.0 GiB, more than|it is a binary file)/,
  other: /other/,
}

describe('a file that cannot be used is wrong input, with its name', () => {
  for (const [command, option] of options)
    for (const [name, message] of Object.entries(files)) {
      // One line may be a password.
      if (name === 'other' && option === '--smtp-password-file') continue
      it(`${command[0]} ${option} ${name}`, async () => {
        const args = ['handover', ...command, option, join(folder, name)]
        const error: unknown = await parse(await buildProgram(), args).catch((thrown: unknown) => thrown)
        assert.equal(exitCodeFor(error), 2, String(error))
        assert.match(describeError(error), message)
        assert.ok(describeError(error).includes(join(folder, name)), describeError(error))
      })
    }
})
