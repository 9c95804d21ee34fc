import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { readShape } from '../generate/read-shape.ts'
import { planTarget } from '../generate/target-plan.ts'
import { createdTarget } from './assessment.fixture.ts'
import type { ImageVerdict } from './judge/verdict.ts'

const program = fileURLToPath(new URL('../cli/bin.ts', import.meta.url))

/** Creates a target of images with data, and returns the SHA-256 of each whole disk, by path. */
export async function targetWithData(
  root: string,
  shape: Record<string, unknown>,
): Promise<ReadonlyMap<string, string>> {
  const whole = { diskSize: '1MiB-3MiB', ...shape }
  await createdTarget(root, { ...whole, missing: 0, cutShort: 0 })
  const plan = planTarget(readShape(undefined, { ...whole, missing: 0, cutShort: 0 }))
  const graphs = new Map<string, object>()
  let nth = 0
  const images = [...plan.workloads()].flatMap(({ snapshots }) =>
    snapshots.flatMap(({ disks }) => disks.flatMap((disk) => disk.images)),
  )
  for (const { path, parent } of images) {
    const graph = { driver: 'qcow2', file: { driver: 'file', filename: `${root}/${path}` } }
    nth++
    write({ ...graph, backing: null }, [
      `write -q -P ${1 + (nth % 250)} ${(nth % 11) * 65_536} 20000`,
      `write -q -P ${1 + (nth % 199)} ${(nth % 5) * 131_072} 70000`,
    ])
    graphs.set(path, { ...graph, backing: parent === undefined ? null : (graphs.get(parent.path) ?? null) })
  }
  const contents = readOut([...graphs].map(([path, graph]) => [path, `json:${JSON.stringify(graph)}`]))
  return new Map([...contents].map(([path, digest]) => [path, digest ?? '']))
}

function write(graph: object, commands: readonly string[]): void {
  const args = commands.flatMap((command) => ['-c', command])
  execFileSync('qemu-io', [...args, `json:${JSON.stringify(graph)}`], { stdio: ['ignore', 'ignore', 'inherit'] })
}

const convert = `
out=$(mktemp); trap 'rm -f "$out"' EXIT
while IFS= read -r path; do
  IFS= read -r name
  if timeout 4 qemu-img convert -O raw "$name" "$out" 2>/dev/null </dev/null; then set -- $(sha256sum "$out"); else set -- -; fi
  printf '%s\\n%s\\n' "$path" "$1"
done`

/** Reads images by these names, as a restore does. Returns digests, undefined where qemu-img fails. */
export function readOut(
  names: readonly (readonly [path: string, name: string])[],
  binds: readonly (readonly [local: string, origin: string])[] = [],
): ReadonlyMap<string, string | undefined> {
  const input = names.map(([path, name]) => `${path}\n${name}\n`).join('')
  const lines = within(binds, convert, input).split('\n')
  return new Map(
    names.map(([path], nth) => [path, lines[2 * nth + 1] === '-' ? undefined : lines[2 * nth + 1]] as const),
  )
}

/** Verdicts of the tool itself, where these binds exist. */
export function assessWhere(
  binds: readonly (readonly [local: string, origin: string])[],
  args: readonly string[],
): readonly ImageVerdict[] {
  const command = [process.execPath, program, 'assess', '--json', ...args].map((word) => `'${word}'`).join(' ')
  return within(binds, `${command} || true`, '')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as ImageVerdict & { kind: string })
    .filter(({ kind }) => kind === 'image')
}

/** Runs a script in a namespace with only these binds below /var. */
function within(binds: readonly (readonly [string, string])[], script: string, input: string): string {
  const mounts = binds.map(([local, origin]) => `mkdir -p '${origin}' && mount --bind '${local}' '${origin}'`)
  const all = ['set -e', 'mount -t tmpfs none /var', ...mounts, 'set +e', script].join('\n')
  return execFileSync('unshare', ['-rm', 'sh', '-c', all], { input, encoding: 'utf8', maxBuffer: 2 ** 26 })
}
