import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { columnsOf, fit, widthOf, wrap } from './terminal.ts'

describe('the width of a text', () => {
  it('is two columns for East Asian characters and emoji, none for combining marks and escape sequences', () => {
    const texts = ['', 'abc', '日本', '🔥', 'e\u0301', '✔✘?–…→│', '\u001b[31mred\u001b[39m']
    assert.deepEqual(texts.map(widthOf), [0, 3, 4, 2, 1, 7, 3])
  })
})

describe('fit', () => {
  it('shortens a text only where it is too long, and counts two columns for East Asian characters', () => {
    assert.equal(fit('abc', 3), 'abc')
    assert.equal(fit('abcd', 3), 'ab…')
    assert.equal(fit('日本語', 6), '日本語')
    assert.equal(fit('日本語', 5), '日本…')
    assert.equal(fit('日本語', 4), '日…')
    assert.equal(fit('abc', 0), '')
  })
})

describe('wrap', () => {
  it('breaks at blanks, keeps line breaks, and indents further lines like the first', () => {
    assert.deepEqual(wrap('one two three', 8), ['one two', 'three'])
    assert.deepEqual(wrap('one\ntwo three', 80), ['one', 'two three'])
    assert.deepEqual(wrap('  one two', 6), ['  one', '  two'])
  })

  it('keeps a word whole that is longer than the line', () => {
    assert.deepEqual(wrap('see /var/triliovault-mounts/MTA= there', 10), [
      'see',
      '/var/triliovault-mounts/MTA=',
      'there',
    ])
  })
})

it('columns are those of a terminal, and 80 anywhere else', () => {
  assert.equal(columnsOf({ isTTY: true, columns: 132 }), 132)
  assert.equal(columnsOf({ isTTY: true, columns: 0 }), 80)
  assert.equal(columnsOf({ columns: 132 }), 80)
})
