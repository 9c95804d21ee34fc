import assert from 'node:assert/strict'
import { test } from 'node:test'
import { findDistribution } from './distribution.ts'
import { differingStartScriptPath, encodeShare, mountPathOf } from './mount-path.ts'
import { parseShare } from './share.ts'

const encoded = (text: string, rule: 'share' | 'export') => encodeShare(parseShare(text), rule)

test('the mount path of the procedure page is reproduced', () => {
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

test('the encoding may contain slashes, which nest mount paths', () => {
  assert.equal(encoded('10.0.0.1:/a?b', 'share'), 'MTAuMC4wLjE6L2E/Yg==')
  assert.equal(Buffer.from('/var/????').toString('base64'), 'L3Zhci8/Pz8/')
  assert.equal(encoded('h:/var/????', 'export'), Buffer.from('/var/').toString('base64'))
})

test('the encoding has no trailing newline, and is never wrapped', () => {
  assert.notEqual(encoded('10.10.2.20:/upstream', 'share'), 'MTAuMTAuMi4yMDovdXBzdHJlYW0K')
  const long = `10.10.2.20:/${'x'.repeat(200)}`
  assert.ok(!encoded(long, 'share').includes('\n'))
})

test('mount paths alone determine whether the origin path must be provided', () => {
  type Site = readonly [distribution: string, version: string, share: string]
  const rows: readonly [why: string, written: Site, read: Site, isNeeded: boolean][] = [
    ['another server, rule share', ['juju', '4.1', 'a:/exp'], ['juju', '4.1', 'b:/exp'], true],
    ['another server, rule export', ['juju', '4.2', 'a:/exp'], ['juju', '4.2', '[fd00::20]:/exp'], false],
    ['another export, rule export', ['juju', '4.2', 'a:/exp'], ['juju', '4.2', 'a:/replica'], true],
    ['a slash more at its end', ['juju', '4.2', 'a:/exp'], ['juju', '4.2', 'a:/exp/'], true],
    ['another base directory, the same encoding', ['juju', '4.2', 'a:/exp'], ['kolla', '4.3', 'b:/exp'], true],
    ['another distribution with the same base directory', ['kolla', '5.0', 'a:/exp'], ['helm', '6.1', 'b:/exp'], false],
    ['an upgrade over 4.2, and no disaster at all', ['juju', '4.1', 'a:/exp'], ['juju', '4.2', 'a:/exp'], true],
    ['an upgrade of Helm, which moves its base directory', ['helm', '6.1', 'a:/exp'], ['helm', '6.2', 'a:/exp'], true],
    ['an upgrade before it', ['juju', '4.0', 'a:/exp'], ['juju', '4.1', 'a:/exp'], false],
    ['two servers that export the same path collide', ['juju', '6.2', 'a:/exp'], ['juju', '6.2', 'b:/exp'], false],
  ]
  const pathOf = ([distribution, version, share]: Site) => {
    const { baseDirectory, pathRule } = findDistribution(distribution, version)
    return mountPathOf(baseDirectory, parseShare(share), pathRule)
  }
  for (const [why, written, read, isNeeded] of rows) assert.equal(pathOf(written) !== pathOf(read), isNeeded, why)
})

test('in printable ASCII only a question mark gives a slash, and > or ~ a plus, each at every third byte', () => {
  for (let code = 32; code < 127; code++)
    for (const before of ['h:/', 'h:/a', 'h:/ab']) {
      const text = `${before}${String.fromCharCode(code)}z`
      const isThird = before.length % 3 === 2
      assert.equal(/\/./.test(encoded(text, 'share')), isThird && code === 63, text)
      assert.equal(encoded(text, 'share').includes('+'), isThird && (code === 62 || code === 126), text)
    }
  assert.ok(encoded('h:/\u00ff', 'share').includes('/') || encoded('h:/a\u00ff', 'share').includes('/'))
})

test('the start script of RHOSO mounts some shares elsewhere than the product', () => {
  const base = '/var/lib/nova/triliovault-mounts'
  const at = (text: string) => differingStartScriptPath(base, parseShare(text))
  const below = (part: string) => `${base}/${Buffer.from(part).toString('base64')}`
  for (const text of ['10.0.0.1:/a', 'nas.example:/a b/', '10.0.0.1:/']) assert.equal(at(text), undefined, text)
  const differing = {
    '[fd00::20]:/upstream': base,
    '10.0.0.1:/a:b': below('/a'),
    '10.0.0.1:/a?b': below('/a?b'),
    '10.0.0.1:/a#b': below('/a#b'),
    '10.0.0.1:/a;b': below('/a;b'),
    '10.0.0.1:/a,10.0.0.1:/b': below('/a,10.0.0.1'),
  }
  for (const [text, path] of Object.entries(differing)) assert.equal(at(text), path, text)
})
