import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { InputError } from '../errors.ts'
import { quote, quoteScript, quoteWord } from './quote.ts'

describe('quote', () => {
  it('keeps plain words', () => {
    assert.equal(
      quote(['qemu-img', 'info', '--output=json', '/a/b_c.1,x@y:z%+']),
      'qemu-img info --output=json /a/b_c.1,x@y:z%+',
    )
  })

  it('quotes characters that a shell acts on', () => {
    assert.equal(quoteWord(''), `''`)
    assert.equal(quoteWord("it's"), `'it'\\''s'`)
    assert.equal(quoteWord('a\nb'), `'a\nb'`)
    assert.equal(quoteWord('~'), `'~'`)
  })

  it('writes control characters as octal numbers for printf', () => {
    assert.equal(quoteWord('a\tb'), `'a'"$(printf '\\011')"'b'`)
    assert.equal(quoteWord('\u009b'), `''"$(printf '\\302\\233')"''`)
  })

  it('quotes a first word that is a keyword or an assignment', () => {
    assert.equal(quote(['if', 'if']), `'if' if`)
    assert.equal(quote(['a=b', 'a=b']), `'a=b' a=b`)
  })

  it('refuses text that no shell can pass on', () => {
    assert.throws(() => quoteWord('a\0b'), InputError)
    assert.throws(() => quoteWord('\ud800'), InputError)
    assert.throws(() => quote(['a\0b']), InputError)
    assert.throws(() => quoteScript(['sh'], { script: 'a\0b' }), InputError)
  })
})

describe('quoteScript', () => {
  const sh = ['sh', '-eu', '-s', '--', "it's"] as const

  it('returns a script as a here-document', () => {
    assert.equal(quoteScript(sh, { script: 'echo $1' }), `sh -eu -s -- 'it'\\''s' <<'EOF'\necho $1\nEOF`)
    assert.equal(quoteScript(sh, { script: '' }), `sh -eu -s -- 'it'\\''s' <<'EOF'\nEOF`)
  })
})
