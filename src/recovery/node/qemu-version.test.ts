import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { tooOldFor, whyNotTried } from './qemu-version.ts'

const counts = { 'compat=1.1': 9, LUKS: 3, zstd: 2, 'extended L2': 1 }
/** The first lines of RHEL 7, its virtualization channel, Ubuntu 20.04, RHEL 8, Debian 13. */
const [old, ev, focal, kvm, trixie] = [
  'qemu-img version 1.5.3, Copyright (c) 2004-2008 Fabrice Bellard',
  'qemu-img version 2.12.0 (qemu-kvm-ev-2.12.0-44.1.el7_8.1)',
  'qemu-img version 4.2.1 (Debian 1:4.2-3ubuntu6.28)',
  'qemu-img version 5.1.0 (qemu-kvm-5.1.0-20.module+el8)',
  'qemu-img version 10.0.2 (Debian 1:10.0.2+ds-2)',
] as const

describe('tooOldFor and whyNotTried', () => {
  it('list the features that a qemu-img is too old for, with the number of images', () => {
    const lacked = (line: string) => tooOldFor(line, counts).map((why) => /images: (.*) needs/.exec(why)?.[1])
    assert.deepEqual(lacked(old), ['encryption by LUKS', 'compression by zstd', 'subclusters'])
    assert.deepEqual(lacked(ev), ['compression by zstd', 'subclusters'])
    assert.deepEqual(lacked(focal), ['compression by zstd', 'subclusters'])
    assert.deepEqual(lacked(kvm), ['subclusters'])
    assert.deepEqual(lacked(trixie), [])
    assert.deepEqual(lacked('qemu-img version 1.0'), ['version 3 of the format', ...lacked(old)])
    assert.deepEqual(tooOldFor(old, { 'compat=1.1': 9 }), [])
    assert.deepEqual(tooOldFor(focal, { zstd: 2 }), [
      'qemu-img 4.2.1 cannot open 2 of the images: compression by zstd needs 5.1 or later',
    ])
  })

  it('explain why chains cannot be tested while they are open elsewhere', () => {
    assert.match(whyNotTried('') ?? '', /no qemu-img is installed/)
    assert.equal(
      whyNotTried('cannot be started: Permission denied'),
      'qemu-img cannot be started: Permission denied: chains cannot be tested there',
    )
    assert.match(
      whyNotTried(old) ?? '',
      /^qemu-img 1\.5\.3 cannot read images that are open elsewhere, which needs 2\.10 or later/,
    )
    assert.equal(whyNotTried(ev), undefined)
  })
})
