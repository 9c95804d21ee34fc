import { execFileSync, spawnSync } from 'node:child_process'
import {
  closeSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { dirname, join } from 'node:path'

/** Images that would make QEMU open other files, or never end, and a good chain beside them. */
export interface HostileTarget {
  readonly target: string
  readonly good: readonly [top: string, base: string]
  /** By what is wrong with them. */
  readonly bad: ReadonlyMap<string, string>
  /** Files outside of the target that only these images lead to. */
  readonly canaries: readonly string[]
}

const id = '00000000-0000-4000-8000-000000000001'
const disk = `workload_${id}/snapshot_${id}/vm_id_${id}/vm_res_id_${id}_vda`

/**
 * Makes a target in an empty folder. `/etc/hostname` is one of the canaries.
 *
 * @param length how many images its longest chain has
 */
export function writeHostileTarget(folder: string, length = 2000): HostileTarget {
  const target = join(folder, 'target')
  const at = (name: string) => join(target, disk, name)
  mkdirSync(dirname(at('x')), { recursive: true })
  const qemuImg = (...args: string[]) => execFileSync('qemu-img', args, { stdio: 'pipe' })
  const create = (path: string, ...options: string[]) =>
    qemuImg('create', '-q', '-f', 'qcow2', ...options, '--', path, '4M')
  const named = (path: string, parent: string, format = 'qcow2') => create(path, '-u', '-b', parent, '-F', format)

  const data = join(folder, 'canary-data')
  const image = join(folder, 'canary-image')
  create(image)
  create(at('good-base'))
  execFileSync('qemu-io', ['-f', 'qcow2', '-c', 'write -q -P 1 0 1M', at('good-base')])
  create(at('good-top'), '-b', at('good-base'), '-F', 'qcow2')
  execFileSync('qemu-io', ['-f', 'qcow2', '-c', 'write -q -P 2 64k 64k', at('good-top')])

  create(at('data-file'), '-o', `data_file=${data}`, '-b', at('good-base'), '-F', 'qcow2')
  named(at('over-data-file'), at('data-file'))
  named(at('hostname'), '/etc/hostname', 'raw')
  named(at('outside'), image)
  named(at('dots'), `${target}/../canary-image`)
  symlinkSync(image, at('link.tmp'))
  named(at('symbolic-link'), at('link.tmp'))
  const nbd = { driver: 'nbd', server: { type: 'inet', host: '127.0.0.1', port: '10809' } }
  named(at('json-nbd'), `json:${JSON.stringify({ driver: 'raw', file: nbd })}`, 'raw')
  named(at('json-file'), `json:${JSON.stringify({ driver: 'raw', file: { driver: 'file', filename: image } })}`, 'raw')
  named(
    at('json-escaped'),
    `json:{"driver":"raw","file":{"driver":"file","filename":"${image.replace('/', '\\u002f')}"}}`,
  )
  named(at('nbd'), 'nbd://127.0.0.1:10809/x', 'raw')
  named(at('fat'), `fat:${folder}`, 'raw')
  writeFileSync(
    at('vmdk.tmp'),
    `# Disk DescriptorFile\nversion=1\nCID=1\nparentCID=ffffffff\ncreateType="monolithicFlat"\nRW 8192 FLAT "${data}" 0\n`,
  )
  create(at('vmdk'), '-u', '-b', at('vmdk.tmp'), '-F', 'raw')
  undeclared(at('vmdk'))
  create(at('self'))
  qemuImg('rebase', '-u', '-f', 'qcow2', '-F', 'qcow2', '-b', at('self'), at('self'))
  named(at('cycle-1'), at('cycle-2'))
  named(at('cycle-2'), at('cycle-1'))
  writeLongChain(at, named, length)
  const names = ['data-file', 'over-data-file', 'hostname', 'outside', 'dots', 'symbolic-link', 'json-nbd', 'json-file']
  names.push('json-escaped', 'nbd', 'fat', 'vmdk', 'self', 'cycle-1', 'cycle-2', 'long-0000')
  execFileSync('chmod', ['-R', 'a+rwX', folder])
  return {
    target,
    good: [at('good-top'), at('good-base')],
    bad: new Map(names.map((name) => [name, at(name)])),
    canaries: [data, image, '/etc/hostname'],
  }
}

/** Removes the name of the parent's format from a header. */
function undeclared(path: string): void {
  const bytes = readFileSync(path)
  const at = bytes.indexOf(Buffer.from([0xe2, 0x79, 0x2a, 0xca]))
  bytes.writeUInt32BE(0x77_77_77_77, at)
  writeFileSync(path, bytes)
}

/** Images that each name the next, each with the header of one that QEMU made. */
function writeLongChain(
  at: (name: string) => string,
  named: (path: string, parent: string) => void,
  length: number,
): void {
  const name = (index: number) => `long-${`${index}`.padStart(4, '0')}`
  named(at(name(0)), at(name(1)))
  const bytes = readFileSync(at(name(0)))
  const where = bytes.indexOf(name(1), bytes.indexOf(at('')))
  for (let index = 1; index < length; index++) {
    bytes.write(name(index + 1), where)
    const fd = openSync(at(name(index)), 'w')
    writeSync(fd, bytes.subarray(0, 4096))
    ftruncateSync(fd, bytes.length)
    closeSync(fd)
  }
}

/** Why a trace cannot be made here. False if it can. */
export function lacksTrace(): string | false {
  const probe = spawnSync('strace', ['-f', '--seccomp-bpf', '-o', '/dev/null', 'true'], { encoding: 'utf8' })
  if (probe.status !== 0) return `not run: needs strace: ${probe.error?.message ?? probe.stderr}`
  return spawnSync('qemu-img', ['--version']).status === 0 ? false : 'not run: needs qemu-img'
}

/** Runs a module under strace. Returns what it printed, and the canaries that were opened and addresses that were called. */
export function traced(script: string, folder: string, canaries: readonly string[]) {
  const log = join(folder, `trace-${process.hrtime.bigint()}`)
  const program = [process.execPath, '--input-type=module', '-e', script]
  const calls = 'trace=open,openat,openat2,connect'
  const stdout = execFileSync(
    'strace',
    ['-f', '--seccomp-bpf', '-qq', '-s', '4096', '-e', calls, '-o', log, ...program],
    {
      encoding: 'utf8',
      env: { PATH: process.env['PATH'], NODE_V8_COVERAGE: '' },
    },
  )
  const lines = readFileSync(log, 'utf8').split('\n')
  const isOpened = (line: string) => canaries.some((path) => line.includes(`"${path}"`)) && !line.includes('= -1 ')
  return {
    stdout,
    opened: lines.filter((line) => isOpened(line) || line.includes('htons(10809)')),
    /** How often a file was opened. */
    timesOpened: (path: string) => lines.filter((line) => line.includes(`"${path}"`) && !line.includes('= -1 ')).length,
  }
}
