import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { terminalText } from './control-sequences.ts'
import { closing, hasColors, type Mark, plainStyle, styleOf } from './style.ts'

const shown = (text: string) => terminalText(text, (part) => part)
const terminal = { isTTY: true, columns: 100 } as const
const file = {} as const

describe('colors', () => {
  const cases = [
    ['are on for a terminal', terminal, { TERM: 'xterm' }, true],
    ['are off for a file', file, { TERM: 'xterm' }, false],
    ['are off for a dumb terminal', terminal, { TERM: 'dumb' }, false],
    ['are off with NO_COLOR', terminal, { NO_COLOR: '1' }, false],
    ['are on with an empty NO_COLOR', terminal, { NO_COLOR: '' }, true],
    ['are on for a file with FORCE_COLOR', file, { FORCE_COLOR: '1', TERM: 'dumb' }, true],
    ['are on for a file with an empty FORCE_COLOR', file, { FORCE_COLOR: '' }, true],
    ['are off with FORCE_COLOR=0', terminal, { FORCE_COLOR: '0' }, false],
    ['are off with NO_COLOR and FORCE_COLOR', terminal, { NO_COLOR: '1', FORCE_COLOR: '1' }, false],
  ] as const
  for (const [title, stream, variables, expected] of cases)
    it(title, () => assert.equal(hasColors(stream, variables), expected))
})

describe('a style', () => {
  it('colors marks and texts of a terminal', () => {
    const style = styleOf(terminal, {})
    assert.equal(shown(style.mark('passed')), '\u001b[32m✔\u001b[39m')
    assert.equal(shown(style.paint('bad', 'broken')), '\u001b[31mbroken\u001b[39m')
    assert.equal(style.paint('bad', ''), '')
    assert.equal(style.columns, 100)
  })

  it('leaves the text of a file as it is', () => {
    const marks = (['passed', 'failed', 'unknown', 'not run'] satisfies Mark[]).map(styleOf(file, {}).mark)
    assert.deepEqual(marks, ['✔', '✘', '?', '–'])
    assert.equal(styleOf(file, {}).paint('strong', 'broken'), 'broken')
  })
})

describe('closing lines', () => {
  it('wrap the sentence and keep commands whole', () => {
    const style = { ...plainStyle, columns: 20 }
    assert.deepEqual(
      closing(style, 'failed', '2 of 3 nodes cannot restore.', ['dr-drill plan --out plan.json', 'more']),
      ['✘ 2 of 3 nodes', '  cannot restore.', '  Next: dr-drill plan --out plan.json', '        more'],
    )
  })
})
