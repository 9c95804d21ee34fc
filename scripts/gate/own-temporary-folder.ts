import { chmodSync, mkdtempSync, writeFileSync } from 'node:fs'
import { join, relative, sep } from 'node:path'
import { foldersVariable, markSuffix } from './test-folder-names.ts'

// Loaded before a test file: gives it a folder of its own for temporary files, so that files can run at the same time.
// The name is short, because a socket's path is limited. Processes and threads of the test inherit the folder.
const parent = process.env[foldersVariable]
delete process.env[foldersVariable]
if (parent !== undefined) {
  // The number of a process comes again in a long run.
  const folder = mkdtempSync(join(parent, sep))
  // Like /tmp, for tests that become another user.
  chmodSync(folder, 0o1777)
  writeFileSync(`${folder}${markSuffix}`, relative(process.cwd(), process.argv[1] ?? ''))
  process.env['TMPDIR'] = folder
}
