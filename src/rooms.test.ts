import assert from 'node:assert/strict'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { importsOf, type RoomTable, readSources, type Sources, violations } from './rooms.fixture.ts'

/**
 * Which rooms and packages each room may import, from the bottom of the house to its top. Everyone may import
 * `errors.ts`. A pure room does no I/O, and imports no code that does.
 */
const rooms: RoomTable = {
  'errors.ts': { isPure: true },
  text: { isPure: true },

  input: { packages: ['yaml', 'zod'], isPure: true },
  reason: { rooms: ['input'], isPure: true },
  target: { isPure: true },
  concurrency: {},
  identity: { rooms: ['input', 'localhost', 'target'], packages: ['zod'] },
  'identity/keystone': {
    rooms: ['concurrency', 'identity', 'input', 'localhost'],
    packages: ['undici', 'yaml', 'zod'],
  },
  localhost: { rooms: ['text'] },

  'workloadmgr/store': { rooms: ['localhost'] },
  'workloadmgr/job': { rooms: ['localhost', 'workloadmgr/store'] },
  workloadmgr: { rooms: ['identity', 'input', 'localhost', 'target', 'text', 'workloadmgr/store'], packages: ['zod'] },
  'workloadmgr/records': { rooms: ['concurrency', 'target', 'workloadmgr'] },
  'workloadmgr/target': { rooms: ['target', 'workloadmgr', 'workloadmgr/job'] },
  'workloadmgr/trust': { rooms: ['identity', 'workloadmgr'] },
  'workloadmgr/listing': {
    rooms: ['identity', 'text', 'workloadmgr', 'workloadmgr/records', 'workloadmgr/store', 'workloadmgr/target'],
  },
  'workloadmgr/import': {
    rooms: [
      ...['identity', 'target', 'workloadmgr', 'workloadmgr/job', 'workloadmgr/records', 'workloadmgr/store'],
      'workloadmgr/target',
    ],
  },
  'workloadmgr/reassign': {
    rooms: [
      ...['identity', 'target', 'workloadmgr', 'workloadmgr/import', 'workloadmgr/job', 'workloadmgr/records'],
      ...['workloadmgr/store', 'workloadmgr/target'],
    ],
  },
  'workloadmgr/schedule': {
    rooms: ['workloadmgr', 'workloadmgr/job', 'workloadmgr/records', 'workloadmgr/store', 'workloadmgr/target'],
  },
  'workloadmgr/create': {
    rooms: ['backup', 'target', 'workloadmgr', 'workloadmgr/job', 'workloadmgr/store', 'workloadmgr/target'],
  },
  'workloadmgr/command': {
    rooms: [
      ...[
        'identity',
        'input',
        'localhost',
        'text',
        'workloadmgr',
        'workloadmgr/backup',
        'workloadmgr/create',
        'workloadmgr/import',
        'workloadmgr/job',
        'workloadmgr/listing',
      ],
      ...[
        'workloadmgr/reassign',
        'workloadmgr/restore',
        'workloadmgr/schedule',
        'workloadmgr/store',
        'workloadmgr/target',
        'workloadmgr/trust',
      ],
    ],
    packages: ['commander', 'yaml', 'zod'],
  },
  'workloadmgr/bin.ts': { rooms: ['workloadmgr/command'] },

  shell: { rooms: ['concurrency', 'localhost'], packages: ['execa', 'ssh2'] },
  image: { rooms: ['shell'] },
  backup: { rooms: ['image', 'shell', 'target'] },
  generate: { rooms: ['backup', 'image', 'input', 'localhost', 'shell', 'target'], packages: ['zod'] },
  inventory: { rooms: ['concurrency', 'input', 'localhost', 'shell', 'target'], packages: ['zod'] },

  'assess/site': { rooms: ['input', 'target'], packages: ['zod'] },
  'assess/scan': { rooms: ['concurrency', 'image', 'input', 'localhost', 'target'] },
  'assess/judge': { rooms: ['assess/scan', 'assess/site', 'image', 'reason', 'target', 'text'], isPure: true },
  'assess/text': { rooms: ['assess/judge', 'shell', 'text'], isPure: true },
  'assess/past': { rooms: ['assess/judge', 'assess/site', 'localhost'], packages: ['zod'] },
  assess: { rooms: ['assess/judge', 'assess/past', 'assess/scan', 'assess/site', 'concurrency', 'target'] },
  verify: {
    rooms: ['assess', 'assess/judge', 'assess/past', 'assess/scan', 'input', 'localhost', 'reason', 'text'],
    packages: ['zod'],
  },
  'verify/queue': {
    rooms: ['assess', 'assess/judge', 'assess/scan', 'assess/site', 'verify'],
    packages: ['pg', 'pg-boss'],
  },
  handover: {
    rooms: ['assess/scan', 'identity', 'input', 'shell', 'target', 'text', 'workloadmgr/records'],
    packages: ['zod'],
    isPure: true,
  },
  content: { rooms: ['assess/judge', 'image', 'localhost', 'reason', 'shell'] },

  'recovery/mounts': {},
  'recovery/fstab': { rooms: ['image', 'recovery/mounts', 'shell'] },
  'recovery/action': { rooms: ['image', 'recovery/fstab', 'recovery/mounts', 'shell', 'text'] },
  'recovery/node': { rooms: ['image', 'reason', 'recovery/fstab', 'recovery/mounts', 'shell'] },
  'recovery/images': { rooms: ['image', 'localhost', 'recovery/node', 'shell', 'target', 'text'] },
  'recovery/strategy': {
    rooms: ['image', 'reason', 'recovery/action', 'recovery/images', 'recovery/node', 'shell', 'target', 'text'],
  },

  'lab/engine': { rooms: ['concurrency', 'localhost', 'shell', 'text'], packages: ['dockerode', 'testcontainers'] },
  'lab/topology': {
    rooms: ['identity', 'input', 'lab/engine', 'recovery/fstab', 'shell', 'target'],
    packages: ['zod'],
  },
  'lab/machine': { rooms: ['concurrency', 'lab/engine', 'lab/topology', 'shell', 'text'] },
  'lab/tool': { rooms: ['localhost'] },
  lab: { rooms: ['lab/engine', 'lab/machine', 'lab/tool', 'lab/topology', 'localhost', 'shell'] },
  // What a lab writes for the workload manager of a site with a cloud.
  'lab/appliance': { rooms: ['identity', 'lab', 'lab/tool', 'lab/topology', 'shell'] },
  'lab/registry': {
    rooms: ['concurrency', 'lab', 'lab/appliance', 'lab/engine', 'lab/topology', 'localhost', 'shell'],
    packages: ['yaml'],
  },

  'handover/notice': { rooms: ['identity', 'input', 'localhost', 'text'], packages: ['zod'] },
  'handover/records': { rooms: ['assess/scan', 'handover', 'handover/notice'] },
  'handover/mail': { rooms: ['handover/notice', 'localhost'], packages: ['nodemailer', 'zod'] },

  journal: { rooms: ['backup', 'reason', 'text'], packages: ['@cucumber/cucumber', 'zod'] },
  restore: { rooms: ['backup', 'image', 'journal', 'reason', 'shell'] },
  'workloadmgr/restore': {
    rooms: [
      ...['identity', 'image', 'input', 'reason', 'restore', 'shell', 'target', 'text', 'workloadmgr'],
      ...['workloadmgr/job', 'workloadmgr/records', 'workloadmgr/store'],
    ],
    packages: ['zod'],
  },
  'workloadmgr/backup': {
    rooms: [
      ...['backup', 'image', 'restore', 'shell', 'target', 'workloadmgr', 'workloadmgr/job', 'workloadmgr/records'],
      ...['workloadmgr/restore', 'workloadmgr/store'],
    ],
  },
  'recovery/site': {
    rooms: [
      ...['image', 'input', 'inventory', 'localhost', 'recovery/action', 'recovery/images'],
      ...['reason', 'recovery/node', 'recovery/strategy', 'restore', 'shell', 'target', 'text'],
    ],
    packages: ['zod'],
  },
  fault: { rooms: ['lab', 'lab/machine', 'shell', 'target'] },
  verdict: { rooms: ['journal', 'reason', 'text'], isPure: true },
  report: { rooms: ['journal', 'localhost', 'text', 'verdict'] },
  evidence: { rooms: ['journal', 'report', 'text'], packages: ['asn1js', 'modern-tar', 'pkijs', 'zod'] },
  history: { rooms: ['journal', 'report', 'text', 'verdict'] },
  metrics: { rooms: ['assess/judge', 'history', 'journal', 'localhost', 'recovery/site', 'report', 'text'] },
  telemetry: { rooms: ['journal', 'metrics', 'report', 'text'] },
  drill: { rooms: ['journal', 'shell', 'verdict'] },
  rehearsal: {
    rooms: [
      ...[
        'backup',
        'concurrency',
        'drill',
        'fault',
        'generate',
        'identity',
        'image',
        'input',
        'journal',
        'lab',
        'lab/appliance',
      ],
      ...[
        'lab/engine',
        'lab/machine',
        'lab/registry',
        'lab/tool',
        'lab/topology',
        'localhost',
        'reason',
        'recovery/action',
      ],
      ...['recovery/fstab', 'recovery/node', 'recovery/strategy', 'restore', 'shell', 'target', 'verdict'],
      'workloadmgr/restore',
    ],
  },
  run: {
    rooms: [
      ...['drill', 'input', 'journal', 'lab/engine', 'lab/registry', 'localhost', 'rehearsal', 'report', 'shell'],
      ...['text', 'verdict'],
    ],
    packages: ['@cucumber/cucumber'],
  },
  setup: { rooms: ['concurrency', 'lab', 'lab/engine', 'lab/registry', 'lab/topology', 'localhost', 'shell', 'text'] },
  project: {
    rooms: ['input', 'inventory', 'journal', 'lab/engine', 'lab/topology', 'localhost', 'shell', 'verdict'],
    packages: ['zod'],
  },

  exercise: {
    rooms: [
      ...['drill', 'input', 'journal', 'lab/engine', 'lab/machine', 'lab/registry', 'localhost', 'rehearsal', 'shell'],
      ...['text', 'verdict'],
    ],
    packages: ['ssh2', 'zod'],
  },

  // The public API.
  'index.ts': {
    rooms: [
      ...[
        'backup',
        'drill',
        'exercise',
        'fault',
        'generate',
        'journal',
        'lab',
        'lab/machine',
        'lab/topology',
        'project',
        'reason',
      ],
      ...['rehearsal', 'run', 'shell', 'target', 'verdict'],
    ],
  },
  cli: {
    rooms: [
      ...[
        'assess',
        'assess/judge',
        'assess/past',
        'assess/scan',
        'assess/site',
        'assess/text',
        'content',
        'evidence',
        'exercise',
        'generate',
        'handover',
        'handover/mail',
        'handover/notice',
        'handover/records',
        'history',
        'identity/keystone',
        'input',
        'inventory',
        'journal',
      ],
      ...['lab/engine', 'lab/registry', 'lab/tool', 'lab/topology', 'localhost', 'metrics', 'project'],
      ...['recovery/images', 'recovery/site', 'recovery/strategy', 'rehearsal', 'report', 'run', 'setup', 'shell'],
      ...['telemetry', 'text', 'verify', 'verify/queue'],
    ],
    packages: ['@bomb.sh/tab', 'commander'],
  },
  steps: { rooms: ['index.ts'], packages: ['@cucumber/cucumber'] },
  // The page in a browser. It may use no code that needs Node.js, except for its build.
  page: { rooms: ['journal', 'report', 'text'], packages: ['@dagrejs/dagre', 'preact', 'vite'] },
  // Test-only glue: what it looks at is not public.
  features: {
    rooms: [
      ...['assess/judge', 'concurrency', 'index.ts', 'lab/engine', 'lab/registry', 'lab/tool', 'localhost', 'steps'],
      'verdict',
    ],
    packages: ['@cucumber/cucumber'],
  },
  scripts: {
    rooms: ['cli', 'lab/engine', 'project', 'run', 'setup', 'shell', 'text'],
    packages: ['commander', 'oxc-parser', 'yaml'],
  },
}

describe('rooms', () => {
  it('import what the table allows, in no circle, and pure ones reach no I/O', () => {
    const { files, imports } = readSources(join(import.meta.dirname, '..'))
    // Benchmarks measure every room.
    const isBench = (file: string) => file.startsWith('bench/')
    const sources = {
      files: files.filter((file) => !isBench(file)),
      imports: imports.filter(({ file }) => !isBench(file)),
    }
    assert.ok(sources.files.length > 300, `only ${sources.files.length} sources were found`)
    assert.deepEqual(violations(rooms, sources), [])
  })
})

describe('violations of the table of rooms', () => {
  const small: RoomTable = { low: { isPure: true }, high: { rooms: ['low'], packages: ['execa'] } }
  const fine = { 'src/low/a.ts': '', 'src/high/b.ts': "import '../low/a.ts'\nimport 'execa'" }

  const found = (files: Readonly<Record<string, string>>, table = small): readonly string[] =>
    violations(table, sourcesOf({ ...fine, ...files }))

  it('are none where every import is allowed', () => {
    assert.deepEqual(found({}), [])
  })

  it('include a file in no room', () => {
    assert.deepEqual(found({ 'src/new/c.ts': '' }), ['src/new/c.ts is in no room of the table'])
  })

  it('include an import of a room that is not allowed, of a type as well', () => {
    const table = { ...small, other: {} }
    const files = { 'src/other/d.ts': '', 'src/low/a.ts': "import type { D } from '../other/d.ts'" }
    assert.deepEqual(found(files, table), ['src/low/a.ts may not import src/other/d.ts: low may not use other'])
  })

  it('include a package that is not allowed, and one behind a dynamic import', () => {
    const files = { 'src/low/a.ts': "import { x } from '@scope/one/deep'", 'src/low/e.ts': "await import('two')" }
    assert.deepEqual(found(files), [
      'src/low/a.ts may not import the package @scope/one',
      'src/low/e.ts may not import the package two',
    ])
  })

  it('include a circle of files in one room, of types as well', () => {
    const files = { 'src/low/a.ts': "import type { E } from './e.ts'", 'src/low/e.ts': "export * from './a.ts'" }
    assert.deepEqual(found(files), ['circle of files: src/low/a.ts → src/low/e.ts → src/low/a.ts'])
  })

  it('include a circle of rooms that the table allows', () => {
    const table = { ...small, low: { rooms: ['high'] } }
    const files = { 'src/low/e.ts': "import '../high/f.ts'", 'src/high/f.ts': '' }
    assert.deepEqual(found(files, table), ['circle of rooms: high → low → high'])
  })

  it('include code of a pure room that reaches I/O through another room, and no type that does', () => {
    const table = { ...small, io: {}, low: { rooms: ['io'], isPure: true } }
    const io = { 'src/io/g.ts': "import { readFileSync } from 'node:fs'" }
    assert.deepEqual(found({ ...io, 'src/low/a.ts': "import type { G } from '../io/g.ts'" }, table), [])
    assert.deepEqual(found({ ...io, 'src/low/a.ts': "import { g } from '../io/g.ts'" }, table), [
      'src/low/a.ts is in a pure room, and reaches I/O: src/low/a.ts → src/io/g.ts → node:fs',
    ])
  })

  it('include a room, and an allowance, that nothing uses', () => {
    const table = { low: { packages: ['zod'], isPure: true }, high: { rooms: ['low'], packages: ['execa'] }, gone: {} }
    assert.deepEqual(found({}, table), [
      'the table lets low use zod, and nothing there does',
      'the table has gone, which has no files',
    ])
  })
})

function sourcesOf(files: Readonly<Record<string, string>>): Sources {
  return {
    files: Object.keys(files),
    imports: Object.entries(files).flatMap(([file, text]) => importsOf(file, text)),
  }
}
