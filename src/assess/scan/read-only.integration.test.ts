import assert from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, readlinkSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { collect, disksOf, makeTarget, scratchFolder } from './scan.fixture.ts'
import { noSilence, slowOpens } from './silence.fixture.ts'

const folder = scratchFolder('strace')
const probe = spawnSync('strace', ['-f', '--seccomp-bpf', '-o', join(folder, 'probe'), 'true'], { encoding: 'utf8' })
const skip = probe.status !== 0 && `not run: it takes strace: ${probe.error?.message ?? probe.stderr}`

/** All system calls that name a file, or change an open one. */
const calls = '%file,ftruncate,fallocate,fchmod,fchown,fsetxattr,fremovexattr,futimesat,flock,io_uring_setup'

interface Call {
  readonly thread: string
  readonly name: string
  readonly text: string
  readonly paths: readonly string[]
}

/** Runs a scan under strace, and returns its system calls. */
function trace(targets: readonly string[]): readonly Call[] {
  const request = { targets, depth: 'tables', concurrency: 8, answerWithinMs: 120_000 }
  const script = `import { scanTargets } from '${new URL('scan.ts', import.meta.url).href}'
    let images = 0
    for await (const event of scanTargets(${JSON.stringify(request)}, new AbortController().signal))
      if (event.kind === 'read') images += event.images
    console.log(images)`
  const log = join(folder, 'log')
  const program = [process.execPath, '--input-type=module', '-e', script]
  const images = execFileSync(
    'strace',
    ['-f', '--seccomp-bpf', '-qq', '-s', '4096', '-e', `trace=${calls}`, '-o', log, ...program],
    {
      encoding: 'utf8',
      // Otherwise Node passes its coverage on to what it starts.
      env: { PATH: process.env['PATH'], NODE_V8_COVERAGE: '' },
    },
  )
  assert.ok(Number(images) > 0)
  return readFileSync(log, 'utf8')
    .split('\n')
    .flatMap((line) => {
      const [, thread = '', name = '', text = ''] = /^(\d+) +(?:<\.\.\. )?(\w+)(.*)$/.exec(line) ?? []
      const paths = [...text.matchAll(/"([^"]*)"/g)].map(([, path = '']) => path)
      return name === '' ? [] : { thread, name, text, paths }
    })
}

const harmless = new Set(['openat', 'stat', 'lstat', 'newfstatat', 'statx', 'access', 'faccessat', 'faccessat2'])
for (const name of ['readlink', 'readlinkat', 'getcwd', 'statfs']) harmless.add(name)

test('a scan opens the files of the target read-only, and no file that the target names', { skip }, async () => {
  await opensOnlyWhatIsThere('near')
})

test('a scan of a slow target opens the files of the target read-only, and no others', {
  skip: skip || noSilence(),
}, async () => {
  const threads = await opensOnlyWhatIsThere('far', 20)
  // Two threads read a near target.
  assert.ok(threads > 4, `${threads} threads: it was not read the far way`)
})

/**
 * Settles with the number of threads that read the target.
 * @param openMs how long each open in it takes
 */
async function opensOnlyWhatIsThere(name: string, openMs = 0): Promise<number> {
  const folder = scratchFolder(name)
  const [plain, odd] = [join(folder, 'plain'), join(folder, 'odd')]
  await makeTarget(plain, { workloads: 1, vms: 1, disks: 1, snapshots: 1 })
  await makeTarget(odd, { workloads: 2, snapshots: 3, encrypted: 1 })
  const outside = join(folder, 'outside')
  mkdirSync(outside)
  const secret = join(outside, 'secret')
  writeFileSync(secret, 'of somebody else')
  const [disk] = disksOf(await collect([odd]))
  const inDisk = (name: string) => join(odd, disk?.folder ?? '', name)
  symlinkSync(secret, inDisk('link'))
  symlinkSync(outside, join(odd, 'workload_linked'))
  execFileSync('mkfifo', [inDisk('fifo')])
  if (process.getuid?.() === 0) execFileSync('mknod', [inDisk('device'), 'c', '1', '5'])
  const images: Record<string, readonly string[]> = {
    backed: ['-F', 'raw', '-b', secret],
    driver: ['-F', 'raw', '-b', `json:{"driver":"raw","file":{"driver":"file","filename":"${secret}"}}`],
  }
  for (const [name, options] of Object.entries(images))
    execFileSync('qemu-img', ['create', '-q', '-u', '-f', 'qcow2', ...options, inDisk(name), '1M'])
  execFileSync('qemu-img', ['create', '-q', '-f', 'qcow2', '-o', `data_file=${outside}/data`, inDisk('data'), '1M'])
  const before = pictureOf(folder)
  const seen = await traceSlowly(odd, openMs)
  assert.deepEqual(pictureOf(folder), before)

  const inTarget = seen.filter(({ paths }) => paths.some((path) => path.startsWith(odd)))
  // Each of its folders, records and images is opened at least once.
  assert.ok(inTarget.length > 50, `${inTarget.length}`)
  for (const { name, text } of inTarget) {
    assert.ok(harmless.has(name), `${name}${text}`)
    if (name === 'openat') assert.doesNotMatch(text, /O_WRONLY|O_RDWR|O_CREAT|O_TRUNC|O_APPEND|O_TMPFILE/)
  }
  const opened = (calls: readonly Call[]) =>
    calls.filter(({ name }) => name.startsWith('open')).flatMap((call) => call.paths)
  for (const name of ['link', 'fifo', 'device']) assert.ok(!opened(seen).includes(inDisk(name)), name)
  assert.ok(opened(seen).includes(inDisk('backed')))
  assert.deepEqual(
    opened(seen).filter((path) => path.startsWith(outside)),
    [],
  )
  // Files outside of it are opened for any target: the program itself.
  const usual = new Set(opened(trace([plain])))
  const elsewhere = opened(seen).filter(
    (path) => !path.startsWith(odd) && !path.startsWith('/proc/') && !usual.has(path),
  )
  assert.deepEqual(elsewhere, [])
  // libuv has one for polling. The ring that it would use for files has a kernel thread.
  assert.deepEqual(
    seen.filter(({ text }) => text.includes('IORING_SETUP_SQPOLL')),
    [],
  )
  const changing =
    /^(f?truncate|fallocate|f?ch(mod|own)|f?(set|remove)xattr|utime|futimes|rename|unlink|link|symlink|mk)/
  assert.deepEqual(
    seen.filter(({ name }) => changing.test(name)),
    [],
  )
  return new Set(inTarget.map(({ thread }) => thread)).size
}

async function traceSlowly(target: string, openMs: number): Promise<readonly Call[]> {
  if (openMs === 0) return trace([target])
  const folders = readdirSync(target, { recursive: true, withFileTypes: true }).filter((entry) => entry.isDirectory())
  using _slow = await slowOpens(openMs, [target, ...folders.map(({ parentPath, name }) => join(parentPath, name))])
  return trace([target])
}

/** Length, owner and times of everything below a folder. */
function pictureOf(root: string): readonly string[] {
  return readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.parentPath !== root)
    .map((entry) => {
      const path = join(entry.parentPath, entry.name)
      if (entry.isSymbolicLink()) return `${path} -> ${readlinkSync(path)}`
      const { mode, size, uid, gid, mtimeMs, ctimeMs } = statSync(path)
      return [path, mode, size, uid, gid, mtimeMs, ctimeMs].join(' ')
    })
    .sort()
}
