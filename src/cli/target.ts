import { Command, Option } from 'commander'
import { InputError } from '../errors.ts'
import { type CreatedTarget, createTarget } from '../generate/create.ts'
import { readShape } from '../generate/read-shape.ts'
import { invocation } from '../localhost/invocation.ts'
import { LeasedFolder } from '../localhost/leased-folder.ts'
import { interruptible } from '../run/interrupts.ts'
import { LocalShell } from '../shell/local.ts'
import { quoteWord } from '../shell/quote.ts'
import { RateLine } from '../text/rate-line.ts'
import { closing, styleOf } from '../text/style.ts'

/** `target`: commands about backup targets themselves. */
export function targetCommand(): Command {
  return new Command('target')
    .addHelpText(
      'after',
      `
Examples:
  $ dr-drill target create /tmp/t
  $ dr-drill target create --help    all options of a target

Exit codes: 0 created, 2 wrong input, 3 target not written, 130 interrupted.`,
    )
    .addCommand(createCommand())
}

/** Options by the keys of a shape file. */
const shapeOptions: Readonly<Record<string, readonly [flags: string, description: string]>> = {
  seed: ['--seed <text>', 'seed of all ids and numbers: the same seed and shape give the same target (default: 1)'],
  distribution: ['--distribution <name>', 'distribution of the site that wrote the target (default: juju)'],
  version: ['--version <version>', 'product version of that site (default: 4.1)'],
  share: ['--share <share>', 'share that the site had mounted (default: 10.10.2.20:/upstream)'],
  workloads: ['--workloads <n>', 'number of workloads (default: 4)'],
  vms: ['--vms <n|n-m>', 'number of VMs in a workload (default: 1-2)'],
  disks: ['--disks <n|n-m>', 'number of disks of a VM (default: 1-2)'],
  diskSize: ['--disk-size <size|size-size>', 'virtual size of a disk, e.g. 1GiB-2TiB (default: 10GiB)'],
  snapshots: ['--snapshots <n>', 'number of snapshots of each workload, one a day (default: 5)'],
  keep: ['--keep <n>', 'number of newest snapshots that retention has kept (default: all)'],
  fullEvery: ['--full-every <n>', 'interval of full snapshots (default: only the first is full)'],
  newest: ['--newest <moment>', 'time of the newest snapshot, or now (default: 2026-11-01T02:00:00Z)'],
  addedDisks: ['--added-disks <n>', 'number of disks added later, whose first snapshots are mixed'],
  imageBooted: ['--image-booted <n>', 'number of VMs booted from an image: vda has a base below each full image'],
  encrypted: ['--encrypted <n>', 'number of workloads with LUKS images; their secrets are written to --secrets'],
  deleted: ['--deleted <n>', 'number of snapshots marked deleted that later ones need'],
  upgradeAfter: ['--upgrade-after <n>', 'number of snapshots before an upgrade of the site; requires --upgrade-to'],
  upgradeTo: ['--upgrade-to <version>', 'product version after the upgrade, which can change the origin path'],
  missing: ['--missing <n>', 'number of images that an incomplete replica lacks'],
  cutShort: ['--cut-short <n>', 'number of images of which only the beginning arrived'],
  brokenRecords: ['--broken-records <n>', 'number of snapshots whose snapshot_db is cut short'],
  networks: ['--networks', 'add records of nics, networks and security groups: two more folders per VM and snapshot'],
}

interface Flags extends Readonly<Record<string, unknown>> {
  readonly shape?: string
  readonly secrets?: string
  readonly owner?: { readonly uid: number; readonly gid: number }
  readonly json?: true
  readonly withData?: true
}

function createCommand(): Command {
  const command = new Command('create')
    .description('create a backup target of any shape and size: its tree, its records, and its images')
    .argument('<dir>', 'folder of the target: a new or an empty one')
    .option('--shape <file>', 'YAML file with the options below as keys, e.g. fullEvery: 7; options win')
  for (const [flags, description] of Object.values(shapeOptions)) command.addOption(new Option(flags, description))
  return command
    .option('--with-data', 'write images with data, by qemu-img, and record the content digest of each in its disk_db')
    .option(
      '--secrets <dir>',
      'folder for the secrets of encrypted workloads: a new or an empty one (default: DIR.secrets)',
    )
    .option('--owner <uid:gid>', 'owner of all files of the target; requires root', parseOwner)
    .option('--json', 'print one JSON object')
    .addHelpText(
      'after',
      `
Without --with-data, images hold no data: each takes at most 16 KiB on disk,
whatever its virtual size, and passes qemu-img check.
The secrets of encrypted workloads are written outside the target, one file for
each secret, as assess, plan and recover read them with --secrets.
Nothing is overwritten, and an incomplete target is removed.

Examples:
  $ dr-drill target create /tmp/t        4 workloads with 5 snapshots each
  $ dr-drill target create /tmp/t --workloads 60 --vms 1-4 --disks 1-3
  $ dr-drill target create /tmp/t --snapshots 30 --keep 14 --full-every 10
  $ dr-drill target create /tmp/t --upgrade-after 3 --upgrade-to 4.2
  $ dr-drill target create /tmp/t --missing 3 --cut-short 2
  $ dr-drill target create /tmp/t --with-data --disk-size 1GiB --encrypted 1
  $ dr-drill assess /tmp/t --depth content --secrets /tmp/t.secrets
  $ dr-drill target create /tmp/t --shape shape.yaml

Exit codes: 0 created, 2 wrong input, 3 target not written, 130 interrupted.`,
    )
    .action(create)
}

async function create(directory: string, flags: Flags): Promise<void> {
  const { shape: file, secrets, owner, json, withData, ...others } = flags
  const shape = readShape(file, Object.fromEntries(Object.entries(others).filter(([key]) => key in shapeOptions)))
  // If it is interrupted twice, the drafts are removed when this process has ended.
  using interruption = interruptible()
  using line = new RateLine(process.stderr, 'images')
  const target = await createTarget({
    directory,
    shape,
    ...(secrets !== undefined && { secretsFolder: secrets }),
    ...(owner && { owner }),
    makeFolder: (path) => LeasedFolder.at(path),
    ...(withData && { dataBy: new LocalShell() }),
    onProgress: (done, total) => line.update(done, total),
    signal: interruption.signal,
  })
  line.end()
  process.stdout.write(json === true ? `${JSON.stringify(target)}\n` : describe(target, withData === true))
}

function describe(target: CreatedTarget, hasData: boolean): string {
  const { directory, originPaths, secretsFolder, images, workloads, vms, disks, snapshots } = target
  const counts = `${images} images: ${workloads} workloads, ${vms} VMs, ${disks} disks, ${snapshots} snapshots`
  const depth = hasData ? ' --depth content' : ''
  const secrets = hasData && secretsFolder !== undefined ? ` --secrets ${quoteWord(secretsFolder)}` : ''
  return [
    ...originPaths.map((path) => `origin path  ${path}`),
    ...(secretsFolder === undefined ? [] : [`secrets      ${secretsFolder}`]),
    ...closing(styleOf(process.stdout), 'passed', `Created ${directory} with ${counts}.`, [
      `${invocation} assess ${quoteWord(directory)}${depth}${secrets}`,
    ]),
    '',
  ].join('\n')
}

function parseOwner(text: string): Flags['owner'] {
  const [, uid, gid] = /^(\d{1,9}):(\d{1,9})$/.exec(text) ?? []
  if (uid === undefined || gid === undefined)
    throw new InputError(`--owner must be two numbers like 42436:42436, not ${JSON.stringify(text)}`)
  return { uid: Number(uid), gid: Number(gid) }
}
