import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { terminalText } from './control-sequences.ts'
import { plainStyle, styleOf } from './style.ts'
import { type Cell, table } from './table.ts'

const path = '/var/triliovault-mounts/MTAuMTAuMi4yMDovdXBzdHJlYW0='

describe('a table', () => {
  it('aligns its columns, headings included, and ends lines without blanks', () => {
    const columns = [{ heading: 'workload' }, { heading: 'disks', align: 'right' }, { heading: 'state' }] as const
    const rows = [
      ['web', '2', 'restorable'],
      ['データ', '12', ''],
    ]
    assert.deepEqual(table(columns, rows), ['workload  disks  state', 'web           2  restorable', 'データ       12'])
  })

  it('has no heading line where no column has a heading', () => {
    assert.deepEqual(
      table(
        [{ align: 'right' }, {}],
        [
          ['7', 'broken'],
          ['11', 'unknown'],
        ],
        { indent: 2 },
      ),
      ['   7  broken', '  11  unknown'],
    )
  })

  it('fits the columns of its style by wrapping and shortening the columns that may, the widest first', () => {
    const columns = [{}, { overflow: 'shorten' }, { overflow: 'wrap' }] as const
    const rows = [['?', 'a name that is rather long', 'one two three four five six seven']]
    assert.deepEqual(table(columns, rows, { style: { ...plainStyle, columns: 36 } }), [
      '?  a name that is…  one two three',
      '                    four five six',
      '                    seven',
    ])
  })

  it('changes no cell while it fits', () => {
    const columns = [{ overflow: 'shorten' }, { overflow: 'wrap' }] as const
    assert.deepEqual(table(columns, [['one', 'two three']]), ['one  two three'])
  })

  it('keeps a path whole, in a column that may not change and in one that wraps', () => {
    const style = { ...plainStyle, columns: 40 }
    assert.deepEqual(table([{ overflow: 'shorten' }, {}], [['a long workload', path]], { style }), [
      `a long …  ${path}`,
    ])
    assert.deepEqual(table([{ overflow: 'wrap' }], [[`see ${path}`]], { style }), ['see', path])
  })

  it('colors every line of a cell with a tone, and keeps columns aligned', () => {
    const style = styleOf({ isTTY: true, columns: 18 }, {})
    const rows: Cell[][] = [[{ text: 'broken chain', tone: 'bad' }, 'web server']]
    const lines = table([{ overflow: 'wrap' }, {}], rows, { style }).map((line) => terminalText(line, (part) => part))
    assert.deepEqual(lines, ['\u001b[31mbroken\u001b[39m    web server', '\u001b[31mchain\u001b[39m'])
  })
})
