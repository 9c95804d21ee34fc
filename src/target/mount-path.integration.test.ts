import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { test } from 'node:test'
import { encodeShare } from './mount-path.ts'
import { sampleShares } from './share.fixture.ts'
import { parseShare } from './share.ts'

const encoded = (text: string, rule: 'share' | 'export') => encodeShare(parseShare(text), rule)

test('the encoding is never wrapped, unlike the command of the page from 58 bytes on', () => {
  for (const [bytes, lines] of [
    [57, 1],
    [58, 2],
  ] as const) {
    const share = `10.10.2.20:/${'x'.repeat(bytes - 12)}`
    const wrapped = execFileSync('base64', { input: share, encoding: 'utf8' }).trimEnd()
    assert.equal(wrapped.split('\n').length, lines)
    assert.equal(encoded(share, 'share'), wrapped.replaceAll('\n', ''))
  }
})

test('any share is encoded like base64 -w0', () => {
  const texts = [...sampleShares(200)]
  const script = 'for share do printf %s "$share" | base64 -w0; echo; done'
  const lines = execFileSync('sh', ['-c', script, 'sh', ...texts], { encoding: 'utf8' })
    .trimEnd()
    .split('\n')
  assert.deepEqual(
    texts.map((text) => encoded(text, 'share')),
    lines,
  )
})

test('any export is encoded as the path that a URL parser sees', () => {
  const texts = [...sampleShares(200)]
  const program = `import sys, base64, urllib.parse
for share in sys.argv[1:]: print(base64.b64encode(urllib.parse.urlparse('//' + share).path.encode()).decode())`
  const lines = execFileSync('python3', ['-c', program, ...texts], { encoding: 'utf8' })
    .trimEnd()
    .split('\n')
  assert.deepEqual(
    texts.map((text) => encoded(text, 'export')),
    lines,
  )
})
