import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { bindLine } from './bind-line.ts'
import { withBind } from './block.ts'

const bind = { local: '/var/m/bG9jYWw=', origin: '/var/m/b3JpZ2lu' }
const own = '10.20.2.20:/replica /var/m/bG9jYWw= nfs soft 0 0'

const generator = '/usr/lib/systemd/system-generators/systemd-fstab-generator'

describe('the units that systemd makes of fstab', {
  skip: !existsSync(generator) && 'systemd-fstab-generator is not installed',
}, () => {
  const folder = mkdtempSync(join(tmpdir(), 'fstab-'))
  after(() => rmSync(folder, { recursive: true }))

  /** The units that it would mount at boot, as text, and which of them the boot requires. */
  function unitsOf(fstab: string) {
    const out = mkdtempSync(join(folder, 'units-'))
    writeFileSync(join(folder, 'fstab'), fstab)
    execFileSync(generator, [out, out, out], { env: { SYSTEMD_FSTAB: join(folder, 'fstab') }, stdio: 'pipe' })
    const name = execFileSync('systemd-escape', ['--path', '--suffix=mount', bind.origin], { encoding: 'utf8' }).trim()
    const isRequired = existsSync(join(out, 'local-fs.target.requires', name))
    const isWanted = existsSync(join(out, 'remote-fs.target.wants', name))
    return { unit: readFileSync(join(out, name), 'utf8'), isRequired, isWanted }
  }

  it('wait for the share, and let a host boot without it', () => {
    const { unit, isRequired, isWanted } = unitsOf(withBind({ text: `${own}\n`, isSystemd: true }, bind))
    assert.deepEqual([isRequired, isWanted], [false, true])
    assert.match(unit, new RegExp(`RequiresMountsFor=${bind.local}$`, 'm'))
  })
  it('fail the boot with the line of the documented procedure alone', () => {
    assert.equal(unitsOf(`${own}\n${bindLine(bind)}\n`).isRequired, true)
  })
})
