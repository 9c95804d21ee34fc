import assert from 'node:assert/strict'
import { test } from 'node:test'
import { mountPathOf } from './mount-path.ts'
import { decodeMountPath, nameOfReading, originOf, shareWithNewline } from './origin.ts'
import { parseShare } from './share.ts'

const meant = (mountPath: string) =>
  decodeMountPath(mountPath)?.candidates.map((one) => [
    one.base,
    one.rule === 'export' ? one.export : nameOfReading(one),
    one.isKnownBase,
  ])

test('the origin path of the procedure page decodes to its share', () => {
  const decoded = decodeMountPath('/var/triliovault-mounts/MTAuMTAuMi4yMDovdXBzdHJlYW0=')
  assert.deepEqual(decoded, {
    base: '/var/triliovault-mounts',
    encoded: 'MTAuMTAuMi4yMDovdXBzdHJlYW0=',
    candidates: [
      {
        base: '/var/triliovault-mounts',
        encoded: 'MTAuMTAuMi4yMDovdXBzdHJlYW0=',
        isKnownBase: true,
        rule: 'share',
        share: parseShare('10.10.2.20:/upstream'),
      },
    ],
  })
})

test('under rule export the server is unknown, and a trailing slash is another export', () => {
  assert.deepEqual(meant('/var/trilio/triliovault-mounts/L1RyaWxpb19CYWNrdXA='), [
    ['/var/trilio/triliovault-mounts', '/Trilio_Backup', true],
  ])
  assert.deepEqual(meant('/var/triliovault/L2V4cC8='), [['/var/triliovault', '/exp/', true]])
  assert.deepEqual(meant('/mnt/backups/L2V4cA=='), [['/mnt/backups', '/exp', false]])
})

test('an encoding with the newline of echo is recognized, with the intended share', () => {
  const encode = (text: string) => Buffer.from(text).toString('base64')
  assert.equal(shareWithNewline('/var/triliovault-mounts/MTAuMTAuMi4yMDovdXBzdHJlYW0K'), '10.10.2.20:/upstream')
  assert.equal(shareWithNewline(`/b/${encode('/exp\n')}`), '/exp')
  for (const text of ['10.10.2.20:/upstream', 'no share\n', '/a?b\n', '\n'])
    assert.equal(shareWithNewline(`/b/${encode(text)}`), undefined, text)
})

test('a nested mount path is decoded completely', () => {
  assert.deepEqual(meant('/var/triliovault-mounts/MTAuMC4wLjE6L2E/Yg=='), [
    ['/var/triliovault-mounts', '10.0.0.1:/a?b', true],
  ])
})

test('an encoding that ends in a slash is decoded from a normalized path', () => {
  const mountPath = mountPathOf('/base', parseShare('h:/ab?'), 'share')
  assert.ok(mountPath.endsWith('/'), mountPath)
  for (const path of [mountPath, mountPath.slice(0, -1)]) assert.deepEqual(meant(path), [['/base', 'h:/ab?', false]])
  assert.equal(originOf(`${mountPath}/workload_1/x`)?.decoded?.encoded, mountPath.slice('/base/'.length))
})

test('an ambiguous base directory gives all meanings, the longest encoding first', () => {
  const encoded = `${Buffer.from('h:/ab?').toString('base64')}L2V4cA==`
  assert.deepEqual(meant(`/mnt/${encoded}`), [
    ['/mnt', 'h:/ab?/exp', false],
    [`/mnt/${encoded.slice(0, encoded.lastIndexOf('/'))}`, '/exp', false],
  ])
})
