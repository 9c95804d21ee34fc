import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { chmod, copyFile, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { promisify } from 'node:util'
import { identifyProcess } from '../../../localhost/process-identity.ts'
import type { Hub } from '../engine.ts'
import { systemPath } from '../system-path.ts'
import { EmbeddedEngine } from './embedded-engine.ts'
import { findGuestFiles } from './guest-files.ts'
import { isPrivileged, unprivilegedId } from './guest-user.ts'
import { hubPidOf } from './hub-id.ts'
import { guestCommand, handOverCommand } from './namespace.ts'

const run = promisify(execFile)

/** Perl can make any system call without a module, like code that has taken over the process of the guest kernel. */
const perl = '/usr/bin/perl'

const attempts = {
  'create a user namespace': 'syscall(272, 0x10000000)',
  'create a user namespace by clone': 'syscall(56, 0x10000011, 0, 0, 0, 0)',
  'create a namespace by clone3': 'syscall(435, 0, 0)',
  'enter a namespace': 'syscall(308, 0, 0)',
  'mount a file system': 'syscall(165, my $what = "none", my $at = "/tmp", my $type = "tmpfs", 0, 0)',
  'unmount a file system': 'syscall(166, my $own = "/machine", 2)',
  'change the root folder': 'syscall(161, my $root = "/machine")',
  'open a file by its handle': 'syscall(304, 0, 0, 0)',
  'load a kernel module': 'syscall(313, 0, my $options = "", 0)',
  'load a BPF program': 'syscall(321, 0, 0, 0)',
  'create an io_uring': 'syscall(425, 1, 0)',
  'read the keys of the host': 'syscall(250, 0, -3, 0)',
  'make a device': 'syscall(133, my $device = "/machine/device", 0060666, 0x800)',
  'write a program': 'open(F, ">>", "/usr/bin/linux.uml") ? 0 : -1',
  'write the image': 'open(F, ">>", "/image/base.ext4") ? 0 : -1',
  'replace a folder': 'rename("/machine", "/tmp/machine") ? 0 : -1',
  'make a system call for 32-bit programs': 'syscall(0x40000000 + 39)',
}

describe('a process of an embedded guest', { timeout: 300_000 }, () => {
  let hub: Hub
  let folder: string
  const engine = new EmbeddedEngine()

  before(async () => {
    const owner = await identifyProcess(process.pid)
    assert.ok(owner)
    hub = await engine.openHub({ run: `confinement-${process.pid}`, lab: 'a', owner })
    folder = await mkdtemp(join(tmpdir(), 'dr-drill-confinement-'))
    const { stdout } = await run('ldd', [perl])
    const libraries = stdout.match(/\/\S+(?= \()/g) ?? []
    for (const file of [perl, ...libraries]) await copyFile(file, join(folder, basename(file)))
    const [program = '', ...args] = handOverCommand(folder) ?? ['true']
    await run(program, args)
    await chmod(folder, 0o755)
  })
  after(async () => {
    await hub?.[Symbol.asyncDispose]()
    await rm(folder, { recursive: true, force: true })
  })

  /** Runs Perl code exactly as a guest's first process is run. */
  async function asGuest(code: string): Promise<string> {
    const files = await findGuestFiles()
    assert.ok(files)
    const [program = '', ...command] = guestCommand(await hubPidOf(hub.id), files, folder, 64)
    const libraries = ['/machine/ld-linux-x86-64.so.2', '--library-path', '/machine']
    const args = [...command.slice(0, -1), ...libraries, '/machine/perl', '-e', code]
    return (await run(program, args, { env: { PATH: systemPath } })).stdout
  }

  it('is refused every call that leads out of its confinement', async () => {
    const code = Object.entries(attempts).map(
      ([name, attempt]) => `$! = 0; $r = ${attempt}; print "${name}: ", ($r == -1 ? "refused" : "done"), "\\n";`,
    )
    const expected = Object.keys(attempts).map((name) => `${name}: refused\n`)
    assert.equal(await asGuest(code.join('\n')), expected.join(''))
  })

  it('sees no process of the host, and no folder but its own and the programs of the guest kernel', async () => {
    const list =
      'for $f ("/", "/proc", "/proc/self", "/tmp") { opendir(D, $f); print "$f: @{[sort grep !/^\\./, readdir D]}\\n" }'
    assert.deepEqual((await asGuest(list)).trim().split('\n'), [
      '/: bin dev etc image lib lib64 machine proc run sbin tmp usr',
      '/proc: self',
      '/proc/self: exe',
      '/tmp:',
    ])
  })

  it('has no capability but NET_RAW, can gain no other, and is not root on the host', async () => {
    const status = 'print "@{[grep { syscall(157, 23, $_) == 1 } 0 .. 63]}, ", syscall(157, 39, 0, 0, 0, 0), ", $<\\n"'
    assert.equal(await asGuest(status), `13, 1, ${isPrivileged() ? unprivilegedId : 0}\n`)
  })
})
