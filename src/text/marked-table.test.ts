import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { markedTable } from './marked-table.ts'
import { plainStyle } from './style.ts'

describe('markedTable', () => {
  it('aligns cells after the marks, and wraps the sentences below a row with a hanging indent', () => {
    const rows = [
      { mark: 'passed', cells: ['a/appliance', 'ready'] },
      { mark: 'failed', cells: ['a/one', 'lacking\u001b[2J'], why: ['python3 is not installed', 'apt-get install it'] },
    ] as const
    assert.deepEqual(markedTable(rows, { ...plainStyle, columns: 24 }), [
      '✔ a/appliance  ready',
      '✘ a/one        lacking\\u001b[2J',
      '    python3 is not',
      '      installed',
      '    apt-get install it',
    ])
  })

  it('has no lines for no rows', () => {
    assert.deepEqual(markedTable([], plainStyle), [])
  })
})
