import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { controlSequence } from '../text/control-sequences.ts'
import { styleOf } from '../text/style.ts'
import { cleaned, guardOutput } from './output-guard.ts'

function written(chunk: string | Uint8Array): unknown {
  let seen: unknown
  const stream = {
    write: (all: string | Uint8Array) => {
      seen = all
      return true
    },
  }
  guardOutput(stream)
  stream.write(chunk)
  return seen
}

describe('guardOutput', () => {
  it('escapes what a terminal would act on in any text', () => {
    assert.equal(
      written('a\x1b]0;title\x07 \x1b[2J \x1b[5;1H \x9b31m \0 \rforged \u202e\n'),
      'a\\u001b]0;title\\u0007 \\u001b[2J \\u001b[5;1H \\u009b31m \\u0000 \\u000dforged \\u202e\n',
    )
  })

  it('keeps its own colors, and the control sequences of its progress', () => {
    const style = styleOf({ isTTY: true, columns: 80 }, { FORCE_COLOR: '1' })
    const painted = (['good', 'bad', 'unsure', 'quiet', 'strong'] as const).map((tone) => style.paint(tone, 'x'))
    assert.equal(
      written(painted.join(' ')),
      '\x1b[32mx\x1b[39m \x1b[31mx\x1b[39m \x1b[33mx\x1b[39m \x1b[90mx\x1b[39m \x1b[1mx\x1b[22m',
    )
    for (const code of ['K', '2K', 'J', 'G', '12A']) assert.equal(written(controlSequence(code)), `\x1b[${code}`)
  })

  it('escapes the same sequences in a name, also inside a colored text', () => {
    const style = styleOf({ isTTY: true, columns: 80 }, { FORCE_COLOR: '1' })
    assert.equal(
      written(style.paint('bad', 'a\x1b[32m\x1b[39m\x1b[2K\x1b[3A\r\x1b[Gb')),
      '\x1b[31ma\\u001b[32m\\u001b[39m\\u001b[2K\\u001b[3A\\u000d\\u001b[Gb\x1b[39m',
    )
  })

  it('escapes commands to the runner in a job of GitHub Actions, and nowhere else', () => {
    const text = 'a\n  ::add-mask::x\nb ##[set-env name=A]1\n::error::c\n1::2 # ## [x]\n'
    assert.equal(cleaned(text, {}), text)
    assert.equal(
      cleaned(text, { GITHUB_ACTIONS: 'true' }),
      'a\n  \\u003a:add-mask::x\nb \\u0023#[set-env name=A]1\n\\u003a:error::c\n1::2 # ## [x]\n',
    )
  })

  it('keeps bytes', () => {
    const bytes = new Uint8Array([27, 91, 50, 74])
    assert.equal(written(bytes), bytes)
  })

  it('keeps JSON the same for a program', () => {
    const value = { name: 'a\x1b\u202e\u{e0041}"\\' }
    assert.deepEqual(JSON.parse(cleaned(JSON.stringify(value))), value)
  })
})
