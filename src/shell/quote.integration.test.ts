import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { describe, it } from 'node:test'
import { hostileArguments } from './hostile-arguments.fixture.ts'
import { quote, quoteScript } from './quote.ts'

/** Passes quoted words through a POSIX shell. */
function throughShell(words: readonly string[]): string[] {
  const line = quote(['printf', '%s\\0', ...words])
  return execFileSync('sh', ['-c', line], { encoding: 'utf8' }).split('\0').slice(0, -1)
}

/** A seeded random number generator (mulberry32). */
function random(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
}

describe('quote', () => {
  it('passes hostile and random arguments through a real shell unchanged', () => {
    assert.deepEqual(throughShell(hostileArguments), hostileArguments)
    const seed = Date.now() | 0
    const next = random(seed)
    const alphabet = [...`ab01 '"\\$\`!*?[]{}()<>|&;#~=%^-+,.:/@_\n\t\r\x01\x1b\x7f\u0085äß測🙂`]
    const pick = () => alphabet[Math.floor(next() * alphabet.length)] ?? ''
    const word = () => Array.from({ length: Math.floor(next() * 12) }, pick).join('')
    for (let round = 0; round < 40; round++) {
      const words = Array.from({ length: 25 }, word)
      assert.deepEqual(throughShell(words), words, `seed ${seed}`)
    }
  })
})

describe('quoteScript', () => {
  const sh = ['sh', '-eu', '-s', '--', "it's"] as const

  it('ends the here-document with a word that the script does not contain', () => {
    const script = "cat <<'EOF'\n$HOME\nEOF\necho EOF_\n"
    const line = quoteScript(sh, { script })
    assert.ok(line.endsWith('\nEOF_'))
    assert.equal(execFileSync('sh', ['-c', line], { encoding: 'utf8' }), '$HOME\nEOF_\n')
  })
})
