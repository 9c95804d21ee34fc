import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parse } from 'yaml'
import { DrillError, MachineError } from '../../src/errors.ts'
import type { Argv, CommandResult } from '../../src/shell/shell.ts'
import type { Part, PartContext } from './part.ts'
import { oneCheck, type Tally } from './tally.ts'

/**
 * Tests the package as users get it: packed, and installed into an empty folder, where the project that `init` writes is
 * type-checked, tested and drilled. Then checks that the drills of the checkout, which together use every published
 * step, can run there.
 */
export const packagePart: Part = { name: 'package', needs: ['embedded'], run: testPackage }

/** An installed package. */
interface Installation {
  readonly context: PartContext
  /** The folder of the project. */
  readonly folder: string
  /** The command line of dr-drill. */
  readonly drill: Argv
}

async function testPackage(context: PartContext): Promise<Tally> {
  const scratch = await mkdtemp(join(tmpdir(), 'dr-drill-package-'))
  try {
    const installation = await install(context, scratch)
    await testOtherNode(installation, scratch)
    await testProject(installation)
    await testCheckoutDrills(installation)
    return oneCheck(true)
  } finally {
    await rm(scratch, { recursive: true, force: true })
  }
}

/** Packs, and installs the package as the README does. */
async function install(context: PartContext, scratch: string): Promise<Installation> {
  const { root } = context
  const folder = join(scratch, 'drills')
  const packed = await must(context, root, 'npm', 'pack', '--silent', '--pack-destination', scratch)
  const tarball = join(scratch, packed.stdout.trim().split('\n').at(-1) ?? '')
  await must(context, root, join(root, 'node_modules/.bin/publint'), 'run', '--strict', tarball)
  await must(context, scratch, 'mkdir', folder)
  await must(context, folder, ...quietly, 'npm', 'install', '--save-dev', tarball)
  const drill = [process.execPath, join(folder, 'node_modules/.bin/dr-drill')] as const
  const { stdout } = await must(context, folder, ...drill, 'init')
  for (const [advice] of stdout.matchAll(/^ {2}npm .*/gm)) await must(context, folder, ...quietly, 'sh', '-c', advice)
  return { context, folder, drill }
}

/** Tests the own verdict and the own fault of the new project: they pass, and a wrong claim fails. */
async function testProject({ context, folder, drill }: Installation): Promise<void> {
  const tsc = join(context.root, 'node_modules/.bin/tsc')
  await must(context, folder, tsc, ...typeCheck, 'steps/own.mts')
  await must(context, folder, process.execPath, '--test')
  const run = [...drill, 'run', '--engine', 'embedded'] as const
  const { stderr } = await must(context, folder, ...run)
  if (stderr.includes('Warning:')) throw broken(run, stderr)
  const journal = await readFile(join(folder, 'reports/latest/journal.ndjson'), 'utf8')
  for (const expected of [
    '"fault":"read-only shares"',
    '"verdict":"pass","sentence":"restores that took at most 60 s: 3, all of them"',
  ])
    if (!journal.includes(expected)) throw broken(run, `the journal has no ${expected}`)

  const feature = join(folder, 'features/first-drill.feature')
  const text = await readFile(feature, 'utf8')
  await writeFile(feature, text.replace('took at most 60 s', 'took at most 0 s'))
  const { stdout } = await must({ ...context, exitCode: 1 }, folder, ...run)
  if (!stdout.includes('restores that took more than 0 s: 3')) throw broken(run, stdout)
  await writeFile(feature, text)
}

/** Tests the command line on the Node of this machine, if dr-drill does not support it: `init` works, others explain. */
async function testOtherNode({ context, folder }: Installation, scratch: string): Promise<void> {
  const node = await context.shell.try(['sh', '-c', 'command -v node && node --version'])
  const [path = '', version = ''] = node.stdout.trim().split('\n')
  if (!/^v2[0-35]\./.test(version)) {
    context.print(`not run: dr-drill on an unsupported Node (this machine has ${version || 'none'})`)
    return
  }
  const drill = [path, join(folder, 'node_modules/.bin/dr-drill')] as const
  const project = join(scratch, 'other')
  await must(context, scratch, ...drill, 'init', project)
  const { devDependencies } = JSON.parse(await readFile(join(project, 'package.json'), 'utf8'))
  const packages = Object.keys(devDependencies)
  if (!packages.some((name) => name.startsWith('node-'))) throw broken(drill, `Node is missing from ${packages}`)
  const { stderr } = await must({ ...context, exitCode: 3 }, scratch, ...drill, 'run')
  if (!stderr.includes('npm install --save-dev node-')) throw broken(drill, stderr)

  // A project that has a Node of its own is run with that one.
  const bin = join(project, 'node_modules/.bin')
  await must(context, project, 'mkdir', '-p', bin)
  await must(context, project, 'ln', '-s', process.execPath, join(bin, 'node'))
  await must(context, project, ...drill, 'run', '--help')
}

async function testCheckoutDrills({ context, folder, drill }: Installation): Promise<void> {
  const { features } = parse(await readFile(join(context.root, 'dr-drill.config.yaml'), 'utf8'))
  await must(context, context.root, 'cp', '-R', '--parents', 'fixtures', ...features, folder)
  await must(context, folder, ...drill, 'run', '--dry-run')
}

/** Environment of npm. Install scripts of dependencies build native add-ons, which dr-drill does not use. */
const quietly = [
  'env',
  ...['prefer_offline=true', 'ignore_scripts=true', 'audit=false', 'fund=false', 'loglevel=error'].map(
    (setting) => `npm_config_${setting}`,
  ),
] as const

/** As strict as a user may be, with no types but those of the package. */
const typeCheck = [
  ...['--noEmit', '--ignoreConfig', '--strict', '--allowImportingTsExtensions'],
  ...['--module', 'nodenext', '--target', 'esnext', '--types', ''],
] as const

/** npm's codes for a registry that does not answer. They are no verdict on the package. */
const unreachable =
  /code (E5\d\d|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ENETUNREACH|ENOTFOUND|ETIMEDOUT|ERR_SOCKET_TIMEOUT)\b/

/** Runs a command. @throws DrillError unless it exits with the expected code, 0 by default */
async function must(
  { shell, signal, exitCode = 0 }: PartContext & { readonly exitCode?: number },
  cwd: string,
  ...argv: Argv
): Promise<CommandResult> {
  const result = await shell.try(argv, { cwd, signal, deadlineMs: 600_000 })
  if (result.exitCode === exitCode) return result
  const output = `${result.stdout}${result.stderr}`.trim()
  if (unreachable.test(output)) throw new MachineError('registry-unreachable', output)
  throw broken(argv, `exit code ${result.exitCode}, expected ${exitCode}\n${output}`)
}

function broken(argv: Argv, output: string): DrillError {
  return new DrillError('failure', 'package-broken', `${argv.join(' ')}\n${output}`)
}
