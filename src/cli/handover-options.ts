import { resolve } from 'node:path'
import { type Command, InvalidArgumentError, Option } from 'commander'
import { InputError } from '../errors.ts'
import { OwnerJudge } from '../handover/judge-owner.ts'
import { type HandoverMapping, parseMapping } from '../handover/mapping.ts'
import { type ReadWorkloads, readWorkloads } from '../handover/records/read-workloads.ts'
import { openCloud } from '../identity/keystone/open-cloud.ts'
import { parseDurationMs } from '../input/parse-duration.ts'
import { readNamedFile } from '../localhost/named-file.ts'
import { RateLine } from '../text/rate-line.ts'
import { styleOf } from '../text/style.ts'

/** Options that the commands of a handover share. */
export interface HandoverFlags {
  readonly cloud?: string
  readonly cloudFile?: string
  readonly role?: string
  readonly answerWithin: number
  readonly all?: true
  readonly json?: true
}

/** How long a share or a cloud may take to answer. */
export const defaultAnswerMs = 30_000

/** The role of Keystone's bootstrap. The product's trusts need one of each owner. */
const usualRole = 'member'

export function addHandoverOptions(command: Command): Command {
  return command
    .argument('<path...>', 'directories where targets are mounted')
    .option('--cloud <name>', 'new cloud, by its name in clouds.yaml (default: OS_CLOUD, or the OS_ variables)')
    .option('--cloud-file <file>', 'new cloud, as a file with its people, such as that of a lab')
    .option('--role <name>', 'role that each owner needs in the project (default: that of the file, or member)')
    .addOption(
      new Option('--answer-within <duration>', 'give up on a share or a cloud that does not answer for this long')
        .argParser(parseDuration)
        .default(defaultAnswerMs, '30s'),
    )
}

/** The end of the help of each command. */
export const cloudHelp = `
A cloud is found as OpenStack's own clients find it: in clouds.yaml and
secure.yaml here, in ~/.config/openstack or in /etc/openstack, or by the OS_
variables. Its user must be allowed to list users, projects, roles and role
assignments. Nothing is changed, on the targets or in the cloud.`

function parseDuration(text: string): number {
  const ms = parseDurationMs(text)
  if (ms === undefined) throw new InvalidArgumentError('It must be a duration, e.g. 90s, 15m or 2h.')
  return ms
}

/** The people of a cloud, with its name. */
interface NewCloud {
  readonly cloud: string
  readonly judge: OwnerJudge
}

/** @param old how the old cloud is named. Undefined if it is lost */
export async function readClouds(
  { cloud, cloudFile, role, answerWithin }: HandoverFlags,
  old: { readonly cloud?: string | undefined; readonly cloudFile?: string | undefined } | undefined,
  signal: AbortSignal,
): Promise<NewCloud> {
  const read = async (choice: typeof old) => {
    await using opened = openCloud({ ...choice, answerWithinMs: answerWithin })
    for (const warning of opened.warnings)
      process.stderr.write(`${styleOf(process.stderr).paint('bad', 'WARNING:')} ${warning}\n`)
    return { ...opened, name: opened.identity.cloud, people: await opened.identity.readPeople(signal) }
  }
  const fresh = await read({ cloud, cloudFile })
  const before = old === undefined ? undefined : await read(old)
  return {
    cloud: fresh.name,
    judge: new OwnerJudge(fresh.people, before?.people, role ?? fresh.trusteeRole ?? usualRole),
  }
}

/** @throws InputError for a mapping of another cloud, or with wrong values */
export function readMappingOf(path: string, cloud: string): HandoverMapping {
  const remedy = 'Create it with dr-drill handover plan -o FILE.'
  const text = readNamedFile({ what: 'the mapping', path, remedy })
  const mapping = parseMapping(text, path)
  if (mapping.cloud !== cloud)
    throw new InputError(
      `${path}: the mapping is for cloud ${JSON.stringify(mapping.cloud)}, not ${JSON.stringify(cloud)}`,
    )
  return mapping
}

/** Reads the records on the targets, with a line of progress. */
export async function readTargets(
  paths: readonly string[],
  answerWithinMs: number,
  signal: AbortSignal,
): Promise<ReadWorkloads & { readonly targets: readonly string[] }> {
  const targets = paths.map((path) => resolve(path))
  using line = new RateLine(process.stderr, 'workloads')
  const onProgress = (done: number, total: number) => line.update(done, total)
  return { targets, ...(await readWorkloads({ targets, answerWithinMs, onProgress }, signal)) }
}
