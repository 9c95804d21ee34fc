import { Command, Option } from 'commander'
import { InputError } from '../errors.ts'
import { type CreatedTarget, createTarget } from '../generate/create.ts'
import { readShape } from '../generate/read-shape.ts'
import { LeasedFolder } from '../localhost/leased-folder.ts'
import { onInterrupt } from '../run/interrupts.ts'
import { LocalShell } from '../shell/local.ts'
import { RateLine } from '../text/rate-line.ts'

/** `target`: backup targets themselves. */
export function targetCommand(): Command {
  return new Command('target')
    .description('make a backup target to try things on')
    .addHelpText(
      'after',
      `
Examples:
  $ dr-drill target create /tmp/t
  $ dr-drill target create --help    all that a target can be

Exit codes: 0 it is made, 2 wrong input, 3 it cannot be made, 130 interrupted.`,
    )
    .addCommand(createCommand())
}

/** Options by the key of a shape's file that they stand for. */
const shapeOptions: Readonly<Record<string, readonly [flags: string, says: string]>> = {
  seed: ['--seed <text>', 'the same seed and shape give the same target, ids included (default: 1)'],
  distribution: ['--distribution <name>', 'of the site that it pretends to be from (default: juju)'],
  version: ['--version <version>', 'of the product at that site (default: 4.1)'],
  share: ['--share <share>', 'that the site had mounted (default: 10.10.2.20:/upstream)'],
  workloads: ['--workloads <n>', 'default: 4'],
  vms: ['--vms <n|n-m>', 'of a workload (default: 1-2)'],
  disks: ['--disks <n|n-m>', 'of a VM (default: 1-2)'],
  diskSize: ['--disk-size <size|size-size>', 'virtual size, like 10GiB or 1GiB-2TiB (default: 10GiB)'],
  snapshots: ['--snapshots <n>', 'taken of each workload, one a day (default: 5)'],
  keep: ['--keep <n>', 'only the newest: retention has merged the others into the oldest that is kept'],
  fullEvery: ['--full-every <n>', 'each nth snapshot is full (default: only the first)'],
  newest: ['--newest <moment>', 'when the last one was taken, or now (default: 2026-11-01T02:00:00Z)'],
  addedDisks: ['--added-disks <n>', 'disks that came later: their first snapshots are mixed'],
  imageBooted: ['--image-booted <n>', 'VMs booted from an image: a base lies beside each full image of vda'],
  encrypted: ['--encrypted <n>', 'workloads with LUKS images; what opens them is written to DIR.secrets.json'],
  deleted: ['--deleted <n>', 'snapshots that are marked deleted and that later ones need'],
  upgradeAfter: ['--upgrade-after <n>', 'the site was upgraded after the nth snapshot …'],
  upgradeTo: ['--upgrade-to <version>', '… to this version: from there on, parents may have other origin paths'],
  missing: ['--missing <n>', 'images that did not arrive: an incomplete replica'],
  cutShort: ['--cut-short <n>', 'images of which only the beginning arrived'],
  brokenRecords: ['--broken-records <n>', 'snapshots whose snapshot_db was cut short'],
  networks: ['--networks', 'with nics, networks, security groups …: more rows, and two folders more a VM and snapshot'],
}

interface Flags extends Readonly<Record<string, unknown>> {
  readonly shape?: string
  readonly owner?: { readonly uid: number; readonly gid: number }
  readonly json?: true
  readonly withData?: true
}

function createCommand(): Command {
  const command = new Command('create')
    .description('make a backup target of any shape and size: its tree, its records, and images without data')
    .argument('<dir>', 'its folder, as a mount path has it; must not exist, or be empty')
    .option('--shape <file>', 'YAML with what the options below say, by the same names: fullEvery: 7; options win')
  for (const [flags, says] of Object.values(shapeOptions)) command.addOption(new Option(flags, says))
  return command
    .option('--with-data', 'images with data, by qemu-img; what each must read as is recorded in its disk_db')
    .option('--owner <uid:gid>', 'whom all of it belongs to; needs root', parseOwner)
    .option('--json', 'one JSON object on standard output')
    .addHelpText(
      'after',
      `
Without --with-data, an image takes at most 16 KiB on disk, whatever its virtual size, and qemu-img check finds nothing
wrong with it.
Nothing is written over anything, and nothing half done is left.

Examples:
  $ dr-drill target create /tmp/t                                       4 workloads, 5 snapshots each
  $ dr-drill target create /tmp/t --workloads 60 --vms 1-4 --disks 1-3 --snapshots 30 --seed 2026
  $ dr-drill target create /tmp/t --snapshots 30 --keep 14 --full-every 10 --added-disks 2 --encrypted 1
  $ dr-drill target create /tmp/t --upgrade-after 3 --upgrade-to 4.2    chains with two origin paths
  $ dr-drill target create /tmp/t --missing 3 --cut-short 2             a replica that is not complete
  $ dr-drill target create /tmp/t --with-data --workloads 1 --disk-size 1GiB --encrypted 1
  $ dr-drill target create /tmp/t --shape shape.yaml

Exit codes: 0 made, 2 wrong input, 3 it could not be written, 130 interrupted.`,
    )
    .action(create)
}

async function create(directory: string, { shape: file, owner, json, withData, ...flags }: Flags): Promise<void> {
  const shape = readShape(file, Object.fromEntries(Object.entries(flags).filter(([key]) => key in shapeOptions)))
  const interrupted = new AbortController()
  using _interrupts = onInterrupt({
    first: (error) => interrupted.abort(error),
    // What was written goes with this process.
    second: () => process.exit(130),
  })
  using line = new RateLine(process.stderr, 'images')
  const made = await createTarget({
    directory,
    shape,
    ...(owner && { owner }),
    makeFolder: (path) => LeasedFolder.at(path),
    ...(withData && { dataBy: new LocalShell() }),
    onProgress: (done, total) => line.update(done, total),
    signal: interrupted.signal,
  })
  line.end()
  process.stdout.write(json === true ? `${JSON.stringify(made)}\n` : describe(made))
}

function describe(made: CreatedTarget): string {
  const counts = `${made.images} images: ${made.workloads} workloads, ${made.vms} VMs, ${made.disks} disks, ${made.snapshots} snapshots`
  return [
    `${made.directory}: ${counts}`,
    ...made.originPaths.map((path) => `  origin path  ${path}`),
    ...(made.secretsFile === undefined ? [] : [`  secrets      ${made.secretsFile}`]),
    '',
  ].join('\n')
}

function parseOwner(text: string): Flags['owner'] {
  const [, uid, gid] = /^(\d{1,9}):(\d{1,9})$/.exec(text) ?? []
  if (uid === undefined || gid === undefined)
    throw new InputError(`--owner: must be two numbers like 42436:42436, not ${JSON.stringify(text)}`)
  return { uid: Number(uid), gid: Number(gid) }
}
