import assert from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { type HostileTarget, lacksTrace, writeHostileTarget } from '../image/hostile.fixture.ts'

const folder = mkdtempSync(join(tmpdir(), 'hostile-cli-'))
after(() => rmSync(folder, { recursive: true }))
const skip = lacksTrace() || (process.getuid?.() !== 0 && 'not run: needs root, to mount')

const local = join(folder, 'mounts/MTAuMjAuMi4yMDovcmVwbGljYQ==')
const origin = join(folder, 'mounts/MTAuMTAuMi4yMDovdXBzdHJlYW0=')
const program = new URL('main.ts', import.meta.url).pathname
const site = ['--distribution', 'juju', '--version', '4.1', '--share', '10.20.2.20:/replica']
const user = ['--user', '65534:65534']
const records = ['--records', join(folder, 'records')]

/** In the order in which they run, on one host with mounts of its own. */
const commands: Readonly<Record<string, readonly string[]>> = {
  headers: ['assess', local, ...site, '--depth', 'headers'],
  tables: ['assess', local, ...site, '--depth', 'tables'],
  content: ['assess', local, ...site, '--depth', 'content'],
  plan: ['plan', local, ...user],
  recover: ['recover', local, ...user, ...records, '--yes', '--verify', 'all'],
  check: ['check', local],
  undo: ['recover', local, ...records, '--undo', '--yes'],
  'plan of a rebase': ['plan', local, ...user, '--strategy', 'rebase'],
  rebase: ['recover', local, ...user, ...records, '--strategy', 'rebase', '--yes', '--verify', 'all'],
  'undo of a rebase': ['recover', local, ...records, '--undo', '--yes'],
}

/** A plan of a rebase starts qemu-img for each of its images, each of which is traced. */
const longestChain = 50

const setUp = `
users=$(cat /etc/passwd)
mount -t tmpfs none /etc; echo canary >/etc/hostname; : >/etc/fstab; echo "$users" >/etc/passwd; mount -t tmpfs none /run
mkdir -p "$1" && mount --bind "$2" "$1"
`

describe('commands on a target with images that lead elsewhere', { skip, timeout: 400_000 }, () => {
  let hostile: HostileTarget
  const logOf = (name: string) => join(folder, name.replaceAll(' ', '-'))
  before(() => {
    chmodSync(folder, 0o755)
    hostile = writeHostileTarget(folder, longestChain)
    const [top, base] = hostile.good
    const [, below = ''] = base.split(hostile.target)
    for (const path of [top, hostile.bad.get('data-file') ?? ''])
      execFileSync('qemu-img', ['rebase', '-u', '-F', 'qcow2', '-b', `${origin}${below}`, path])
    execFileSync('chown', ['-R', '65534:65534', hostile.target])
    mkdirSync(join(folder, 'records'))
    const trace = (name: string, argv: readonly string[]) => {
      const traced = ['strace', '-f', '--seccomp-bpf', '-qq', '-s', '4096', '-e', 'trace=open,openat,openat2,connect']
      const words = [...traced, '-o', `${logOf(name)}.trace`, process.execPath, program, ...argv]
      return `${words.map((word) => `'${word}'`).join(' ')} >'${logOf(name)}.out' 2>&1 || :`
    }
    const all = Object.entries(commands).map(([name, argv]) => trace(name, argv))

    const args = ['--mount', '--propagation', 'private', 'sh', '-euc', `${setUp}\n${all.join('\n')}`, 'sh']
    // Without TZ, Node looks for this /etc/localtime in all time zones.
    const env = { PATH: process.env['PATH'], HOME: folder, NODE_V8_COVERAGE: '', TZ: 'UTC' }
    const { status, stderr } = spawnSync('unshare', [...args, local, hostile.target], { env, encoding: 'utf8' })
    assert.equal(status, 0, stderr)
  })

  for (const name of Object.keys(commands))
    it(`${name} opens nothing outside of the target`, () => {
      const { canaries } = hostile
      const lines = readFileSync(`${logOf(name)}.trace`, 'utf8').split('\n')
      const isOpened = (line: string) => canaries.some((path) => line.includes(`"${path}"`)) && !line.includes('= -1 ')
      assert.deepEqual(
        lines.filter((line) => isOpened(line) || line.includes('htons(10809)')),
        [],
      )
      const isUndo = name.startsWith('undo')
      assert.ok(isUndo || name === 'check' || lines.some((line) => line.includes('/good-top"')), output(name))
    })

  const output = (name: string) => readFileSync(`${logOf(name)}.out`, 'utf8')

  it('recover names the image that it refuses, and reads the good ones', () => {
    const text = output('recover').replaceAll(/\s+/g, ' ')
    assert.match(text, /not opened: \S+\/data-file keeps its data in an external file/)
    assert.match(text, /failed 2 chains read/)
    assert.doesNotMatch(text, /outside of the targets/)
  })

  it('rebase changes no image', () => {
    assert.match(output('rebase').replaceAll(/\s+/g, ' '), /data-file: keeps its data in an external file/)
  })
})
