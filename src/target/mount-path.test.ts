import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { test } from 'node:test'
import { encodeShare, mountPathOf } from './mount-path.ts'
import { sampleShares } from './share.fixture.ts'
import { parseShare } from './share.ts'

const encoded = (text: string, rule: 'share' | 'export') => encodeShare(parseShare(text), rule)

test('the mount path of the procedure page', () => {
  assert.equal(
    mountPathOf('/var/triliovault-mounts', parseShare('10.10.2.20:/upstream'), 'share'),
    '/var/triliovault-mounts/MTAuMTAuMi4yMDovdXBzdHJlYW0=',
  )
})

test('each rule encodes its part of the share', () => {
  assert.equal(encoded('10.10.2.20:/Trilio_Backup', 'share'), 'MTAuMTAuMi4yMDovVHJpbGlvX0JhY2t1cA==')
  assert.equal(encoded('10.10.2.20:/Trilio_Backup', 'export'), 'L1RyaWxpb19CYWNrdXA=')
  assert.equal(encoded('10.20.2.20:/Trilio_Backup', 'export'), encoded('[fd00::20]:/Trilio_Backup', 'export'))
  assert.equal(encoded('h:/exp', 'export'), 'L2V4cA==')
  assert.equal(encoded('h:/exp/', 'export'), 'L2V4cC8=')
})

test('the encoding has slashes where bytes want it, so that mount paths are nested', () => {
  assert.equal(encoded('10.0.0.1:/a?b', 'share'), 'MTAuMC4wLjE6L2E/Yg==')
  assert.equal(Buffer.from('/var/????').toString('base64'), 'L3Zhci8/Pz8/')
  assert.equal(encoded('h:/var/????', 'export'), Buffer.from('/var/').toString('base64'))
})

test('the encoding is not that of echo without -n, and is never wrapped', () => {
  assert.notEqual(encoded('10.10.2.20:/upstream', 'share'), 'MTAuMTAuMi4yMDovdXBzdHJlYW0K')
  const long = `10.10.2.20:/${'x'.repeat(200)}`
  assert.ok(!encoded(long, 'share').includes('\n'))
})

test('any share encodes as the real base64 -w0 does it', () => {
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

test('any export is the path that a URL parser sees', () => {
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
