import assert from 'node:assert/strict'
import { it } from 'node:test'
import { lastLine } from './last-line.ts'

const cases: readonly [what: string, text: string, line: string][] = [
  ['nothing', '', ''],
  ['blank lines at the end', 'one\ntwo\n\n \r\n', 'two'],
  ['a line without an end', 'one\ntwo', 'two'],
  ['control sequences', '\u001b[1;31mMaintenance\u001b[0m\u0007\u0000\u009b\n\u001b[2J\n', 'Maintenance'],
  ['titles of terminals', '\u001b]0;root@host\u0007Welcome', 'Welcome'],
  ['characters that are not seen', 'a\u00ad\u200b\u202e\ufffdb', 'ab'],
  [
    'messages of the loader',
    'denied\nERROR: ld.so: object x.so from LD_PRELOAD cannot be preloaded: ignored.\n',
    'denied',
  ],
  ['a line that another overwrites', 'progress\rdone', 'done'],
]

for (const [what, text, line] of cases)
  it(`the last line of ${what} is readable`, () => {
    assert.equal(lastLine(text), line)
  })

it('the last line is short', () => {
  assert.equal(lastLine('x'.repeat(1_000_000)), `${'x'.repeat(200)} …`)
})
