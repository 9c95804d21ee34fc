import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, it } from 'node:test'

const folder = mkdtempSync(join(tmpdir(), 'dr-drill-man-'))
const page = join(folder, 'man/dr-drill.1')
after(() => rmSync(folder, { recursive: true }))
before(() => {
  const { status, stderr } = spawnSync(process.execPath, [join(import.meta.dirname, 'write-man.ts'), page], {
    encoding: 'utf8',
  })
  assert.equal(status, 0, stderr)
})

const has = (program: string): boolean => spawnSync('sh', ['-c', `command -v ${program}`]).status === 0
const readers: readonly (readonly [program: string, args: readonly string[]])[] = [
  ['mandoc', ['-Tlint', '-Wstyle']],
  ['man', ['--warnings', '-l']],
]

for (const [program, args] of readers)
  it(`the manual page is read by ${program} without warnings`, {
    skip: has(program) ? false : `${program} is not installed`,
  }, () => {
    const env = { ...process.env, LC_ALL: 'C.UTF-8', MANWIDTH: '80' }
    const { status, stdout, stderr } = spawnSync(program, [...args, page], { encoding: 'utf8', env })
    assert.equal(stderr, '')
    if (program === 'mandoc') assert.equal(stdout, '')
    else assert.match(stdout, /NAME\n {7}dr-drill/)
    assert.equal(status, 0)
  })
