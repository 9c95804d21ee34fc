import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { test } from 'node:test'
import { baseDirectoryTable } from './distribution.ts'
import { mountPathOf } from './mount-path.ts'
import { decodeMountPath, nameOfReading } from './origin.ts'
import { sampleShares } from './share.fixture.ts'
import { parseShare } from './share.ts'

const meant = (mountPath: string) =>
  decodeMountPath(mountPath)?.candidates.map((one) => [
    one.base,
    one.rule === 'export' ? one.export : nameOfReading(one),
    one.isKnownBase,
  ])

test('a path that the product would not create is not a mount path', () => {
  const encode = (text: string | Uint8Array) => Buffer.from(text).toString('base64')
  const rows: Readonly<Record<string, string>> = {
    'the newline of echo without -n': 'MTAuMTAuMi4yMDovdXBzdHJlYW0K',
    'the newline of echo, of an export': encode('/exp\n'),
    'two lines of base64 without -w0': execFileSync('base64', {
      input: `10.10.2.20:/${'x'.repeat(60)}`,
      encoding: 'utf8',
    }).trim(),
    'a share without a slash': encode('h:upstream'),
    'a list of shares': encode('10.0.0.1'),
    'an export with a query': encode('/a?b'),
    'an export with a fragment': encode('/a#b'),
    'an export with parameters': encode('/a;b'),
    'bytes that are no text': encode(Uint8Array.of(47, 255, 254)),
    'no padding': 'L2V4cA',
    'bits left over': 'L2V4cB==',
    'a plain directory': 'backups',
  }
  for (const [what, encoded] of Object.entries(rows))
    assert.equal(meant(`/var/triliovault-mounts/${encoded}`), undefined, what)
  // A share without a slash has an empty export: its mount path would be the base directory.
  for (const path of ['/var/triliovault-mounts', '/', '', 'relative/L2V4cA=='])
    assert.equal(meant(path), undefined, path)
})

test('any share is decoded from its mount path by base64 -w0', () => {
  const texts = [...sampleShares(300)]
  const script = 'for share do printf %s "$share" | base64 -w0; echo; done'
  const encodings = execFileSync('sh', ['-c', script, 'sh', ...texts], { encoding: 'utf8' })
    .trimEnd()
    .split('\n')
  for (const [nth, text] of texts.entries()) {
    const share = parseShare(text)
    for (const { path: base } of baseDirectoryTable) {
      const [likeliest] = decodeMountPath(`${base}/${encodings[nth]}`)?.candidates ?? []
      assert.deepEqual(likeliest?.rule === 'share' && [likeliest.base, likeliest.share], [base, share], text)
      const mountPath = mountPathOf(base, share, 'export')
      const [exported] = decodeMountPath(mountPath)?.candidates ?? []
      assert.ok(exported?.rule === 'export', text)
      assert.equal(mountPathOf(exported.base, parseShare(`other:${exported.export}`), 'export'), mountPath)
    }
  }
})
