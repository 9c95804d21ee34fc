import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { bootCases, local, origin } from './boot-cases.fixture.ts'
import { bootVerdict } from './boot-verdict.ts'

const bind = { local, origin }

describe('the verdict of a boot on fstab', () => {
  for (const { title, lines, links, mount, systemd } of bootCases)
    for (const [reader, expected] of [['mount -a', mount] as const, ['systemd', systemd] as const])
      it(`${title}, with ${reader}: ${expected.join(', ')}`, () => {
        const fstab = { text: lines.join('\n'), isSystemd: reader === 'systemd', ...(links && { links }) }
        const { isKept, remarks } = bootVerdict(fstab, bind)
        assert.deepEqual([isKept ? 'kept' : 'lost', ...remarks.map(({ cause }) => cause)], expected)
      })
})
