import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { bindInFstab } from './bind-in-fstab.ts'
import { bindLine, keptLine } from './bind-line.ts'
import type { FstabUnit } from './fstab.ts'

const bind = { local: '/var/m/bG9jYWw=', origin: '/var/groß/b3JpZ2lu' }
const own = '10.20.2.20:/replica /var/m/bG9jYWw= nfs soft 0 0'
const text = (...lines: readonly string[]) => Buffer.from(`${lines.join('\n')}\n`).toString('latin1')
const inFstab = (isSystemd: boolean, ...lines: readonly string[]) =>
  bindInFstab({ text: text(...lines), isSystemd }, bind)

describe('a bind in fstab', () => {
  it('accepts the line of the procedure, warns what it does to the boot, and offers the better one', () => {
    const { isKeptInFstab, fstabRemarks = [], whyNoLine } = inFstab(true, own, bindLine(bind))
    assert.deepEqual([isKeptInFstab, whyNoLine], [true, undefined])
    assert.match(
      fstabRemarks.join(),
      /^line 2 of \/etc\/fstab is required by the boot: .*emergency mode if \/var\/m\/bG9/,
    )
    assert.ok(fstabRemarks[0]?.endsWith(`Replace it with:\n${keptLine(bind, true)}`))
    assert.equal(inFstab(false, own, bindLine(bind)).fstabRemarks, undefined)
  })
  it('is not kept by a line that nothing mounts at boot, which our line replaces where mount -a mounts', () => {
    const dead = `${bind.local} ${bind.origin} none bind,noauto 0 0`
    const [mounted, systemd] = [inFstab(false, own, dead), inFstab(true, own, dead)]
    const why = 'line 2 of /etc/fstab binds nothing at boot: it has the option noauto'
    assert.deepEqual([mounted.isKeptInFstab, mounted.whyNoLine, mounted.fstabRemarks], [false, undefined, [why]])
    assert.equal(systemd.isKeptInFstab, false)
    assert.equal(systemd.whyNoLine?.why, `${why}, and systemd ignores a second line for the same mount point`)
    assert.equal(systemd.whyNoLine?.remedy, `Replace line 2 of /etc/fstab with:\n${keptLine(bind, true)}`)
  })
  it('names paths with other letters as they are', () => {
    const why = inFstab(false, own, `/var/grün ${bind.origin} none bind 0 0`).fstabRemarks
    assert.deepEqual(why, ['line 2 of /etc/fstab binds /var/grün, not /var/m/bG9jYWw='])
  })
  it('finds that fstab does not mount the share, also beside a line that is in the way', () => {
    for (const isSystemd of [true, false])
      for (const lines of [[], [`#${own}`], [bindLine(bind)], [`/a ${bind.origin} none bind 0 0`]])
        assert.equal(inFstab(isSystemd, ...lines).isLocalInFstab, false)
    const onRequest = own.replace('soft', 'soft,noauto')
    assert.deepEqual([inFstab(true, onRequest).isLocalInFstab, inFstab(false, onRequest).isLocalInFstab], [true, false])
  })
  it('believes the generator of the node rather than the model of it', () => {
    const unit: FstabUnit = {
      what: bind.local,
      where: Buffer.from(bind.origin).toString('latin1'),
      type: 'none',
      options: ['bind'],
      startedBy: [],
      isAutomount: false,
    }
    const share = { ...unit, what: '10.20.2.20:/replica', where: bind.local, type: 'nfs', options: ['soft'] }
    const started = ['remote-fs.target wants']
    const judged = (units: readonly FstabUnit[]) =>
      bindInFstab({ text: text(own, bindLine(bind)), isSystemd: true, units }, bind)
    assert.equal(
      judged([
        { ...share, startedBy: started },
        { ...unit, startedBy: started },
      ]).isKeptInFstab,
      true,
    )
    assert.deepEqual(judged([{ ...share, startedBy: started }, unit]).fstabRemarks, [
      'line 2 of /etc/fstab binds nothing at boot: the boot does not start it',
    ])
    assert.equal(judged([{ ...share, startedBy: started }]).isKeptInFstab, false)
  })
})
