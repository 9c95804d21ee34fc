import assert from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
import {
  chmodSync,
  chownSync,
  closeSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  readSync,
  renameSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { backUp } from '../backup/backup.ts'
import { planWorkloads } from '../backup/backup-plan.ts'
import type { ImageRecord } from '../backup/catalog.ts'
import { Drill } from '../drill/drill.ts'
import { MemoryJournal } from '../journal/journal-memory.ts'
import type { Machine } from '../lab/machine/machine.ts'
import type { Site } from '../lab/site.ts'
import { LocalShell } from '../shell/local.ts'
import { quote } from '../shell/quote.ts'
import type { Argv } from '../shell/shell.ts'
import { restoreSeries } from './restore-series.ts'

const user = { uid: 42_436, gid: 42_436 }
const shell = new LocalShell()
const folder = mkdtempSync(join(tmpdir(), 'restores-'))
chmodSync(folder, 0o755)
after(() => rmSync(folder, { recursive: true }))

const [origin, local, programs, log] = ['origin', 'local', 'programs', 'log'].map((name) => join(folder, name)) as [
  string,
  string,
  string,
  string,
]

function lacking(): string | false {
  if (process.getuid?.() !== 0) return 'needs root, to run as the product does'
  return spawnSync('qemu-img', ['--version']).status === 0 ? false : 'needs qemu-img'
}

/** Makes the first cluster of an image unreadable. The image opens all the same. */
function spoil(path: string): void {
  const file = openSync(path, 'r+')
  const offset = Buffer.alloc(8)
  // The table of tables, see the header of qcow2: its first entry is not at a cluster.
  readSync(file, offset, 0, 8, 40)
  writeSync(file, Buffer.from('8000000000000200', 'hex'), 0, 8, Number(offset.readBigUInt64BE()))
  closeSync(file)
}

describe('a series of restores', { skip: lacking() }, () => {
  let images: readonly ImageRecord[] = []
  const path = process.env['PATH']

  before(async () => {
    mkdirSync(origin)
    chownSync(origin, user.uid, user.gid)
    const workloads = [{ name: 'web', vms: [{ name: 'web-1', devices: ['vda', 'vdb'] }] }]
    const plan = planWorkloads('w', { workloads })
    const work = join(folder, 'live')
    images = (await backUp(shell, { user, mountPath: origin, workDirectory: work, plan, snapshots: 2 })).images
    renameSync(origin, local)
    // The real program, with a record of each of its calls.
    mkdirSync(programs)
    writeFileSync(log, '', { mode: 0o666 })
    chmodSync(log, 0o666)
    const real = execFileSync('sh', ['-c', 'command -v qemu-img'], { encoding: 'utf8' }).trim()
    const recording = `#!/bin/sh\n{ printf '%s\\0' qemu-img "$@"; echo; } >>'${log}'\nexec '${real}' "$@"\n`
    writeFileSync(join(programs, 'qemu-img'), recording, { mode: 0o755 })
    process.env['PATH'] = `${programs}:${path}`
  })
  after(() => {
    process.env['PATH'] = path
  })

  it('records each command of a failed restore as it ran, and no command of a successful one', async () => {
    const [, spoiled] = images.filter(({ type }) => type === 'full')
    spoil(join(local, spoiled?.path ?? assert.fail()))
    const journal = new MemoryJournal()
    const { signal } = new AbortController()
    const drill = new Drill({ id: 'd', name: 'n', feature: 'f', location: 'f:1', journal, signal })
    const node = { where: 'localhost', shell, service: shell } as unknown as Machine
    const site = { plan: { name: 's', user }, appliance: node } as unknown as Site
    const pathOn = (_: Site, image: ImageRecord) => join(local, image.path)
    const scene = { drill, siteOf: () => site, pathOn, mountPathsOn: () => [local, origin] }
    let count = 0
    const nextId = () => `r${++count}`
    const workDirectory = join(folder, 'work')
    await restoreSeries(scene, { phase: 'restore', images, nodes: [node], nextId, workDirectory })

    const executed = readFileSync(log, 'utf8')
      .split('\n')
      .slice(0, -1)
      .map((line) => quote(line.split('\0').slice(0, -1) as unknown as Argv))
    const commands = journal.entries().flatMap((entry) => (entry.kind === 'command' ? [entry] : []))
    const restores = journal.entries().flatMap((entry) => (entry.kind === 'restore' ? [entry.restore] : []))
    const commandsOf = (id: string) => commands.filter(({ restoreId }) => restoreId === id)
    for (const { id, image, outcome, durationMs } of restores) {
      const own = commandsOf(id)
      if (outcome === 'restored') {
        assert.deepEqual(own, [])
        continue
      }
      assert.deepEqual(
        own.map(({ command }) => command),
        executed.filter((command) => command.includes(image.path)),
      )
      for (const command of own) {
        assert.deepEqual(command.user, user)
        assert.ok(Date.parse(command.startedAt ?? '') > 0)
      }
      assert.equal(durationMs, Math.round(own.reduce((sum, command) => sum + command.durationMs, 0)))
    }
    assert.deepEqual(
      restores.map(({ id, image, outcome }) => [image.disk, image.type, outcome, commandsOf(id).length]),
      [
        ['vda', 'full', 'restored', 0],
        // Sized, and not read out.
        ['vdb', 'full', 'failed', 2],
        ['vda', 'incremental', 'failed', 1],
        ['vdb', 'incremental', 'failed', 1],
      ],
    )
    const [sizing, reading] = commandsOf('r2')
    assert.match(sizing?.stdout ?? '', /"virtual-size"/)
    assert.deepEqual([sizing?.exitCode, reading?.exitCode], [0, 1])
    assert.match(reading?.stderr ?? '', /Input\/output error/)
  })
})
