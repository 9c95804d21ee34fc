import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parse } from 'yaml'
import { DrillError, MachineError } from '../../src/errors.ts'
import type { Argv, CommandResult } from '../../src/shell/shell.ts'
import type { Part, PartContext } from './part.ts'
import { oneCheck, type Tally } from './tally.ts'

/**
 * What users get: packed, installed into an empty folder, and a project of one's own drilled there, with real guests.
 * The drills of the checkout then are what anybody may have written for the published steps: together they use steps
 * of every file there is.
 */
export const packagePart: Part = { name: 'package', needs: ['embedded'], run: tryPackage }

async function tryPackage(bench: PartContext): Promise<Tally> {
  const folder = await mkdtemp(join(tmpdir(), 'dr-drill-package-'))
  const [project, bin] = [join(folder, 'drills'), join(bench.root, 'node_modules/.bin')]
  try {
    const packed = await must(bench, bench.root, 'npm', 'pack', '--silent', '--pack-destination', folder)
    const tarball = join(folder, packed.stdout.trim().split('\n').at(-1) ?? '')
    await must(bench, bench.root, join(bin, 'publint'), 'run', '--strict', tarball)
    await must(bench, folder, 'mkdir', project)
    await must(bench, project, ...quietly, 'npm', 'install', tarball)
    const drill = [process.execPath, join(project, 'node_modules/.bin/dr-drill')] as const
    const { stdout } = await must(bench, project, ...drill, 'init')
    for (const [advice] of stdout.matchAll(/^ {2}npm .*/gm)) await must(bench, project, ...quietly, 'sh', '-c', advice)
    await must(bench, project, join(bin, 'tsc'), ...typeCheck, 'steps/own.ts')
    await must(bench, project, ...drill, 'run', '--engine', 'embedded')
    await must(bench, bench.root, 'cp', '-R', '--parents', 'fixtures', ...(await ownFeatures(bench.root)), project)
    await must(bench, project, ...drill, 'run', '--dry-run')
    return oneCheck(true)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** What is drilled in a checkout. */
async function ownFeatures(root: string): Promise<readonly string[]> {
  const { features } = parse(await readFile(join(root, 'dr-drill.config.yaml'), 'utf8'))
  return features
}

/** Install scripts of dependencies build native add-ons, which nothing of ours needs. */
const quietly = [
  'env',
  ...['prefer_offline=true', 'ignore_scripts=true', 'audit=false', 'fund=false', 'loglevel=error'].map(
    (setting) => `npm_config_${setting}`,
  ),
] as const

/** As strict as a user may be, with nothing but what came with the package. */
const typeCheck = [
  '--noEmit',
  '--ignoreConfig',
  '--strict',
  '--module',
  'nodenext',
  '--target',
  'esnext',
  '--types',
  '',
]

/** npm's codes for a registry that cannot be reached: that says nothing about the package. */
const unreachable =
  /code (E5\d\d|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ENETUNREACH|ENOTFOUND|ETIMEDOUT|ERR_SOCKET_TIMEOUT)\b/

async function must({ shell, signal }: PartContext, cwd: string, ...argv: Argv): Promise<CommandResult> {
  const result = await shell.try(argv, { cwd, signal, deadlineMs: 600_000 })
  if (result.exitCode === 0) return result
  const said = `${result.stdout}${result.stderr}`.trim()
  if (unreachable.test(said)) throw new MachineError('registry-unreachable', said)
  throw new DrillError('failure', 'package-broken', `${argv.join(' ')}\n${said}`)
}
