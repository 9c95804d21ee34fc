import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
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

describe('the unit files that systemd takes before those of the generator', () => {
  const folder = mkdtempSync(join(tmpdir(), 'units-'))
  after(() => rmSync(folder, { recursive: true }))

  /** What the program for hosts finds in these folders. */
  const foundIn = (...folders: string[]): unknown => {
    const rooms = ['image', 'recovery/mounts', 'recovery/fstab'].map((room) => join(import.meta.dirname, '../..', room))
    const code = `import sys; sys.path[:0] = ${JSON.stringify(rooms)}
import json_text, read_fstab
print(json_text.dumps(read_fstab.unit_files(${JSON.stringify(folders)})))`
    return JSON.parse(execFileSync('/usr/bin/python3', ['-I', '-S', '-B', '-c', code], { encoding: 'utf8' }))
  }

  it('are those of mounts, by their names, the first folder before the second', () => {
    const [one, other] = [join(folder, 'one'), join(folder, 'other')]
    for (const path of [`${one}/var-c.mount.d`, `${one}/var-e.mount.d`, `${one}/a.mount.wants`, other])
      mkdirSync(path, { recursive: true })
    for (const name of [
      'var-lib-nova-b3JpZ2lu\\x3d.mount',
      'var-b.automount',
      'a.service',
      '-.mount',
      'var-c.mount.d/x.conf',
    ])
      writeFileSync(join(one, name), '')
    for (const name of ['var-b.mount', 'var-d.mount']) symlinkSync('/dev/null', join(other, name))
    assert.deepEqual(foundIn(one, join(folder, 'missing'), other), {
      '/': `${one}/-.mount`,
      '/var/lib/nova/b3JpZ2lu=': `${one}/var-lib-nova-b3JpZ2lu\\x3d.mount`,
      '/var/b': `${one}/var-b.automount`,
      '/var/c': `${one}/var-c.mount.d`,
      '/var/d': `${other}/var-d.mount`,
    })
  })

  it('have the paths that systemd gives to their names', {
    skip: !existsSync('/usr/bin/systemd-escape') && 'needs systemd',
  }, () => {
    const paths = ['/', '/a', '/a b/c-d', '/var/m/b3JpZ2lu==', '/ü/\\x', '/.hidden', '/a.mount']
    const there = join(folder, 'names')
    mkdirSync(there)
    for (const path of paths) {
      const name = execFileSync('systemd-escape', ['--path', '--suffix=mount', path], { encoding: 'utf8' }).trim()
      writeFileSync(join(there, name), '')
    }
    const found = Object.keys(foundIn(there) as object).map((path) => Buffer.from(path, 'latin1').toString('utf8'))
    assert.deepEqual(found.sort(), paths.sort())
  })

  it('are in the folders that systemd reads first', {
    skip: !existsSync('/usr/bin/systemd-analyze') && 'needs systemd',
  }, () => {
    const all = execFileSync('systemd-analyze', ['unit-paths'], { encoding: 'utf8' }).trim().split('\n')
    const first = all.slice(0, all.indexOf('/run/systemd/generator')).filter((path) => !/generator/.test(path))
    const source = readFileSync(new URL('read_fstab.py', import.meta.url), 'utf8')
    const ours = [...(/UNIT_FOLDERS = \[([^\]]*)\]/.exec(source)?.[1] ?? '').matchAll(/"([^"]+)"/g)].map(
      ([, path]) => path,
    )
    assert.deepEqual(ours, first)
  })
})
