import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { mayActAsRoot } from './guest-user.ts'

const status = (effective: string) =>
  `Name:\tnode\nCapInh:\t0000000000000000\nCapEff:\t${effective}\nCapBnd:\t0000000000000000\n`
const all = '000001ffffffffff'
const everyone = '         0          0 4294967295\n'

describe('mayActAsRoot', () => {
  const cases: readonly [string, string, readonly string[], boolean][] = [
    ['root of the machine', all, [everyone, everyone], true],
    ['root without CAP_SYS_RESOURCE', '000001fffeffffff', [everyone, everyone], true],
    ['root without CAP_SYS_ADMIN, as in a container', '00000000a80425fb', [everyone, everyone], false],
    ['root without CAP_SETUID', '000001ffffffff7f', [everyone, everyone], false],
    ['an ordinary user', '0000000000000000', [everyone, everyone], false],
    ['root of a user namespace with one user', all, ['0 1000 1\n', '0 1000 1\n'], false],
    ['root of a user namespace with many users', all, ['0 1000 1\n1 100000 65536\n', everyone], false],
    ['root of a user namespace with few groups', all, [everyone, '0 0 65536\n'], false],
  ]
  for (const [who, effective, maps, expected] of cases)
    it(`is ${expected} for ${who}`, () => assert.equal(mayActAsRoot(status(effective), maps), expected))

  it('is false for unknown content', () => assert.equal(mayActAsRoot('', []), false))
})
