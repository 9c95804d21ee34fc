import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { bindInFstab } from './bind-in-fstab.ts'
import { keptLine } from './bind-line.ts'
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

  it('is lost where a unit file is for the origin path or the share, whatever the lines are, and only with systemd', () => {
    const text = `h:/s ${local} nfs soft 0 0\n${keptLine(bind, true)}\n`
    const verdictWith = (unitFiles: Record<string, string>, isSystemd = true) =>
      bootVerdict({ text, isSystemd, unitFiles }, bind)
    assert.equal(verdictWith({}).isKept, true)
    for (const path of [local, origin]) {
      const { isKept, remarks } = verdictWith({ [path]: '/etc/systemd/system/a.mount' })
      assert.equal(isKept, false)
      assert.deepEqual(remarks, [
        {
          cause: 'unit-file',
          line: 0,
          sentence: `/etc/systemd/system/a.mount decides what systemd mounts at ${path}, and not /etc/fstab. dr-drill does not judge that file`,
        },
      ])
    }
    assert.equal(verdictWith({ [`${origin}/below`]: '/etc/systemd/system/b.mount' }).isKept, true)
    assert.equal(verdictWith({ [origin]: '/etc/systemd/system/a.mount' }, false).isKept, true)
    assert.equal(verdictWith({ constructor: 'x' }).isKept, true)
  })

  it('refuses a line of ours where a unit file would replace it', () => {
    const unitFiles = { [origin]: '/etc/systemd/system/a.mount' }
    const { isKeptInFstab, whyNoLine } = bindInFstab({ text: `h:/s ${local} nfs\n`, isSystemd: true, unitFiles }, bind)
    assert.equal(isKeptInFstab, false)
    assert.match(whyNoLine?.why ?? '', /^\/etc\/systemd\/system\/a\.mount decides/)
    assert.match(whyNoLine?.remedy ?? '', /without --persist/)
  })
})
