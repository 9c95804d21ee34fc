import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { printable, printableJson, printableLines } from './printable.ts'

const hostile = {
  ESC: '\x1b',
  NUL: '\0',
  BEL: '\x07',
  'a carriage return': '\r',
  'a C1 control': '\x9b',
  'a change of direction': '\u202e',
  'an isolate': '\u2066',
  'a mark of direction': '\u061c',
  'a soft hyphen': '\u00ad',
  'a blank without width': '\u200b',
  'a joiner': '\u2060',
  'a byte order mark': '\ufeff',
  'a line separator': '\u2028',
  'a Hangul filler': '\u3164',
  'a Hangul filler of half width': '\uffa0',
  'a Braille blank': '\u2800',
  'a variation selector': '\ufe0f',
  'an interlinear mark': '\ufff9',
  'a tag': '\u{e0041}',
  'no character': '\ufffe',
  'half of a character': '\ud83d',
}

describe('printable', () => {
  for (const [name, character] of Object.entries(hostile))
    it(`escapes ${name}`, () => {
      const escaped = printable(`a${character}b`)
      assert.match(escaped, /^a(\\u[0-9a-f]{4})+b$/)
      assert.equal(JSON.parse(`"${escaped}"`), `a${character}b`)
      assert.equal(printableLines(`a${character}b`), escaped)
      assert.equal(JSON.parse(printableJson({ name: character })).name, character)
    })

  it('escapes line breaks and tabs, which printableLines keeps', () => {
    assert.equal(printable('a\n\tb'), 'a\\u000a\\u0009b')
    assert.equal(printableLines('a\n\tb'), 'a\n\tb')
  })

  it('keeps letters of any script, and pictures', () => {
    for (const text of ['Straße', '東京', 'עברית', 'العربية', 'हिन्दी', '✔ ✘ 🙂', 'a b', '한국어'])
      assert.equal(printable(text), text)
  })
})
