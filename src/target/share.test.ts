import assert from 'node:assert/strict'
import { test } from 'node:test'
import { InputError } from '../errors.ts'
import { encodeShare } from './mount-path.ts'
import { parseShare, parseShares } from './share.ts'

test('a share is split into host and export path', () => {
  const cases: [string, string, string][] = [
    ['10.10.2.20:/upstream', '10.10.2.20', '/upstream'],
    ['nfs.example:/a b/c', 'nfs.example', '/a b/c'],
    ['nas_1.example.:/exp/', 'nas_1.example.', '/exp/'],
    ['[fd00::20]:/upstream', 'fd00::20', '/upstream'],
    ['[fe80::1%eth0]:/upstream', 'fe80::1%eth0', '/upstream'],
    ['10.0.0.1:/a?b', '10.0.0.1', '/a?b'],
    ['10.0.0.1:/a#b', '10.0.0.1', '/a#b'],
    ['10.0.0.1:/a:/b', '10.0.0.1', '/a:/b'],
    ['ab:/a:/b', 'ab', '/a:/b'],
    ['10.0.0.1:/', '10.0.0.1', '/'],
  ]
  for (const [text, host, path] of cases) assert.deepEqual(parseShare(text), { text, host, path })
})

test('anything but a share is refused with its text', () => {
  const cases: [string, RegExp][] = [
    ['h:upstream', /does not start with a slash/],
    ['h:', /does not start with a slash/],
    ['', /not host:\/path/],
    ['/upstream', /not host:\/path/],
    [':/upstream', /not a host/],
    ['10.10.2.256:/upstream', /not a host/],
    ['10.10.2:/upstream', /not a host/],
    ['-h:/upstream', /not a host/],
    ['a b:/upstream', /not a host/],
    [' h:/upstream', /not a host/],
    ['[fd00::zz]:/upstream', /not a host/],
    ['[]:/upstream', /not a host/],
    ['fd00::20:/upstream', /in brackets/],
    ['h:/up\nstream', /newline/],
    ['h:/up\0stream', /NUL/],
    ['h:/\ud800', /Unicode/],
  ]
  for (const [text, why] of cases) {
    assert.throws(
      () => parseShare(text),
      (error) => error instanceof InputError && why.test(error.message) && error.message.includes(JSON.stringify(text)),
      text,
    )
  }
  assert.throws(() => parseShare('h:upstream'), { remedy: 'Write h:/upstream' })
  assert.throws(() => parseShare('fd00::20:/upstream'), { remedy: 'Write [fd00::20]:/upstream' })
})

test('a list of shares is split at commas, and its elements are trimmed', () => {
  assert.deepEqual(
    parseShares('10.0.0.1:/a , 10.0.0.2:/b').map((share) => share.text),
    ['10.0.0.1:/a', '10.0.0.2:/b'],
  )
  assert.deepEqual(
    parseShares('10.0.0.1:/a , 10.0.0.2:/b').map((share) => encodeShare(share, 'share')),
    ['MTAuMC4wLjE6L2E=', 'MTAuMC4wLjI6L2I='],
  )
  for (const list of ['10.0.0.1:/a,', ',10.0.0.1:/a', '', ' ', '10.0.0.1:/a,,10.0.0.2:/b'])
    assert.throws(() => parseShares(list), InputError)
})
