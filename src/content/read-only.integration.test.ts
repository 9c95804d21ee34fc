import assert from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, it } from 'node:test'

const folder = mkdtempSync(join(tmpdir(), 'content-strace-'))
after(() => rmSync(folder, { recursive: true }))
const probe = spawnSync('strace', ['-f', '--seccomp-bpf', '-o', join(folder, 'probe'), 'true'], { encoding: 'utf8' })
const skip = probe.status !== 0 && `not run: it takes strace: ${probe.error?.message ?? probe.stderr}`

/** All system calls that name a file, change an open one, or lock. */
const calls = '%file,ftruncate,fallocate,fchmod,fchown,fsetxattr,fremovexattr,flock,fcntl'
const harmless = ['openat', 'stat', 'lstat', 'newfstatat', 'statx', 'access', 'faccessat', 'faccessat2', 'readlink']

it('images are opened read-only and without locks, and no file that a header names is opened', { skip }, () => {
  const target = join(folder, 'target')
  mkdirSync(target)
  const [base, top, named] = ['base', 'top', 'named'].map((name) => join(target, name)) as [string, string, string]
  const qemu = (program: string, ...args: string[]) => execFileSync(program, args, { stdio: 'pipe' })
  for (const path of [base, named]) qemu('qemu-img', 'create', '-q', '-f', 'qcow2', path, '4M')
  qemu('qemu-io', '-f', 'qcow2', '-c', 'write -q -P 1 0 4M', base)
  qemu('qemu-img', 'create', '-q', '-f', 'qcow2', '-b', named, '-F', 'qcow2', top)
  const script = `import { contentReader } from '${new URL('read-content.ts', import.meta.url).href}'
    const links = ${JSON.stringify([top, base].map((path) => ({ path, virtualBytes: 0 })))}
    const { kind, readBytes, why } = await contentReader()(links, { signal: new AbortController().signal })
    console.log(kind, readBytes ?? why)`
  const log = join(folder, 'log')
  const program = [process.execPath, '--input-type=module', '-e', script]
  const said = execFileSync(
    'strace',
    ['-f', '--seccomp-bpf', '-qq', '-s', '4096', '-e', `trace=${calls}`, '-o', log, ...program],
    {
      encoding: 'utf8',
      // Otherwise Node passes its coverage on to what it starts.
      env: { PATH: process.env['PATH'], NODE_V8_COVERAGE: '' },
    },
  )
  assert.equal(said, 'read 4194304\n')
  const lines = readFileSync(log, 'utf8').split('\n')
  const seen = lines.filter((line) => line.includes(`"${target}`) && !/execve/.test(line))
  // Each is opened by this process, and by the server.
  for (const path of [top, base])
    assert.ok(seen.filter((line) => line.includes('openat') && line.includes(`"${path}"`)).length >= 2, path)
  for (const line of seen) {
    const [, name = ''] = /^\d+ +(\w+)\(/.exec(line) ?? []
    assert.ok(harmless.includes(name), line)
    assert.ok(!/O_WRONLY|O_RDWR|O_CREAT|O_TRUNC/.test(line), line)
    assert.ok(!line.includes(`"${named}"`), line)
  }
  assert.deepEqual(
    lines.filter((line) => /F_(OFD_)?SETLK|flock\(/.test(line)),
    [],
  )
})
