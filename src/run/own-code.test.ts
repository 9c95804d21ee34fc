import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { after, describe, it } from 'node:test'
import { ownCode } from './own-code.ts'

const project = mkdtempSync(join(tmpdir(), 'dr-drill-own-code-'))
after(() => rmSync(project, { recursive: true }))

const files: Readonly<Record<string, string>> = {
  'steps/own.mts':
    "import { Then } from '@cucumber/cucumber'\nimport { late } from '../verdicts/late.mts'\nexport * from './more.mts'\n",
  'steps/more.mts': "const { cut } = await import('../faults/cut.mts')\nimport './own.mts'\nimport '../missing.mts'\n",
  'steps/old.cjs': "module.exports = require('../lib/tool')\n",
  'lib/tool.js': 'exports.a = 1\n',
  'verdicts/late.mts': 'export const late = 1\n',
  'faults/cut.mts': "import '../node_modules/other/index.js'\nimport '../../outside.mts'\n",
  'verdicts/unused.mts': 'export const unused = 1\n',
  'node_modules/other/index.js': '\n',
}
for (const [name, content] of Object.entries(files)) {
  mkdirSync(dirname(join(project, name)), { recursive: true })
  writeFileSync(join(project, name), content)
}

describe('the own code of a project', () => {
  it('is its steps, and all files of the project that they import', () => {
    const code = ownCode(project, ['steps/*.{mts,cjs}', '../dr-drill/steps/index.ts'])
    const names = [
      'faults/cut.mts',
      'lib/tool.js',
      'steps/more.mts',
      'steps/old.cjs',
      'steps/own.mts',
      'verdicts/late.mts',
    ]
    assert.deepEqual(Object.keys(code), names)
    const digest = createHash('sha256')
      .update(files['verdicts/late.mts'] ?? '')
      .digest('hex')
    assert.equal(code['verdicts/late.mts'], digest)
  })

  it('does not include the code of dr-drill, even in a checkout', () => {
    const checkout = join(import.meta.dirname, '../..')
    const code = ownCode(checkout, ['src/run/support.ts', 'steps/index.ts', 'features/support/*.ts'])
    assert.ok(Object.keys(code).length > 0)
    assert.deepEqual(
      Object.keys(code).filter((path) => !path.startsWith('features/')),
      [],
    )
  })
})
