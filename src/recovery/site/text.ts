import { quoteWord } from '../../shell/quote.ts'
import { printable } from '../../text/printable.ts'
import { type Action, inverseSentence, sentence } from '../action/actions.ts'
import { keptLine } from '../action/fstab.ts'
import { commandOf, inverseCommandOf } from '../action/script.ts'
import type { NodeState } from '../node/node-state.ts'
import { qemuName } from '../node/qemu-version.ts'
import type { Rename } from '../strategy/renames.ts'
import type { Resolution } from './check.ts'
import { type Need, sayBroken } from './needs.ts'
import type { PlannedNode, RecoveryPlan } from './plan.ts'
import { isDone, whyUnchanged } from './plan.ts'
import type { NodeResult } from './recover.ts'
import type { StepBack, ToTakeBack } from './to-take-back.ts'

/** A plan for people. */
export function describePlan(plan: RecoveryPlan): string {
  const unchanged = whyUnchanged(plan)
  const lines = [
    `Recovery of ${plan.site}: ${plan.strategy}${plan.persist ? ', to be kept over reboots' : ''}`,
    `${plan.images} images on ${plan.targets.join(', ')}`,
    '',
    ...(plan.needs.length === 0
      ? ['No origin path is needed.']
      : ['Origin paths that the images name:', ...plan.needs.flatMap(describeNeed)]),
    ...plan.broken.map((one) => `broken: ${sayBroken(one)}`),
    ...plan.unread.map((one) => `not all was seen: ${one}`),
    ...(plan.foreign > 0 && plan.user
      ? [
          `note: ${plan.foreign} images do not belong to the product's user ${plan.user.uid}:${plan.user.gid}, which may not get to them`,
        ]
      : []),
    '',
    ...describeQemu(plan.nodes),
    ...(plan.strategy === 'rebase'
      ? [...describeRebase(plan), ...plan.nodes.flatMap(describeLacks)]
      : plan.nodes.flatMap(describeNode)),
    ...plan.unknown.map(({ where, why }) => `${where}: not known: ${why}`),
    '',
    ...(isDone(plan) || plan.needs.length === 0 ? [] : consequencesOf(plan)),
    ...(unchanged === undefined
      ? []
      : [`${isDone(plan) ? 'There is nothing to do' : 'Nothing would be changed'}: ${unchanged}.`]),
  ]
  return `${lines.map(printable).join('\n')}\n`
}

function describeNeed({ origin, local, was, images }: Need): readonly string[] {
  return [`  ${origin}`, `    was the mount path of ${was}; ${images} images name it; here it is ${local}`]
}

function describeQemu(nodes: readonly PlannedNode[]): readonly string[] {
  const byVersion = Map.groupBy(nodes, ({ state: { qemuImg, serviceQemuImg: service } }) =>
    service === undefined ? qemuName(qemuImg) : `${qemuName(qemuImg)} (in the service ${qemuName(service)})`,
  )
  const said = [...byVersion].map(([version, ones]) => `${version} on ${ones.map(({ where }) => where).join(', ')}`)
  return said.length === 0 ? [] : [`qemu-img: ${said.join('; ')}`]
}

function describeNode({ where, actions, refusals, notes, state }: PlannedNode): readonly string[] {
  const nothing = state.pairs.length === 0 ? 'nothing is needed' : 'every origin path leads to its data already'
  return [
    `${where}: ${actions.length === 0 && refusals.length === 0 ? nothing : ''}`.trimEnd(),
    ...actions.flatMap((action) => [`  ${sentence(action)}`, `    ${howOf(action, state)}`]),
    ...refusals.flatMap(({ why, remedy }) => [`  refused: ${why}`, `    ${remedy}`]),
    ...notes.map((note) => `  note: ${note}`),
  ]
}

/** Where nothing is done on a node, what it lacks for restores. */
function describeLacks({ where, refusals }: PlannedNode): readonly string[] {
  return refusals.flatMap(({ why, remedy }) => [`${where}: ${why}`, `  ${remedy}`])
}

/** The file is written anew beside itself and renamed, which is no command that one could type. */
function howOf(action: Action, { isSystemd }: NodeState): string {
  return action.kind === 'persist'
    ? `by this line, in an /etc/fstab that is replaced as a whole: ${keptLine(action, isSystemd)}`
    : `# ${commandOf(action)}`
}

function describeRebase({ rebase }: RecoveryPlan): readonly string[] {
  if (rebase === undefined) return ['Whose images these are is not known: name their owner (--user UID:GID).']
  const { where, renames, refused, user } = rebase
  const example = renames[0]
  return [
    `${where}: ${renames.length} images get other names for their parents, as ${user.uid}:${user.gid}`,
    ...(example === undefined
      ? []
      : [
          `  e.g. ${example.path}`,
          `    from ${example.from}`,
          `    to   ${example.to}`,
          `    # ${renameCommand(example)}`,
        ]),
    ...refused.slice(0, 10).map(({ path, why }) => `  refused: ${path}: ${why}`),
    ...(refused.length > 10 ? [`  refused: ${refused.length - 10} more`] : []),
  ]
}

/** Of each image; --script has them all. */
function renameCommand({ path, to, secretId }: Rename): string {
  const how = secretId === undefined ? '-f qcow2' : `--object secret,… --image-opts …`
  return `qemu-img rebase -q -u -F qcow2 -b ${quoteWord(to)} ${how} -- ${quoteWord(path)}`
}

/** What each strategy comes to, so that somebody can choose. */
function consequencesOf({ strategy, persist, needs, nodes, recommendation }: RecoveryPlan): readonly string[] {
  const named = needs.reduce((sum, { images }) => sum + images, 0)
  const minutes = Math.ceil(named / 60 / 150)
  const bind = `bind-mount: ${nodes.length} node(s), and every new one, have to be prepared; nothing is written to the targets, and it takes seconds${persist ? '' : '; it is gone with the next reboot, unless --persist'}.`
  const rebase = `rebase: ${named} images are written to, in about ${minutes} min, for good and for all nodes; the share must be writable. When the replication runs backwards, the primary site gets the new names and cannot restore.`
  const chosen = strategy === 'bind-mount' ? bind : rebase
  const other = strategy === 'bind-mount' ? rebase : bind
  return [
    ...(recommendation === undefined ? [] : [`Recommended is ${recommendation.strategy}: ${recommendation.why}.`]),
    `  chosen  ${chosen}`,
    `  or      ${other}`,
  ]
}

/** What `recover --undo` is about to do. */
export function describeTakeBack(nodes: readonly ToTakeBack[]): string {
  if (nodes.length === 0) return 'nothing was done there that is to be taken back\n'
  const lines = nodes.flatMap(({ where, renames: [example, ...others], imagesStay, note, steps, unknown }) => [
    `${where}:`,
    ...(example === undefined
      ? []
      : [
          `  ${others.length + 1} images get the names back that they had for their parents`,
          ...[`e.g. ${example.path}`, `from ${example.from}`, `to   ${example.to}`].map((line) => `    ${line}`),
        ]),
    ...(imagesStay === undefined ? [] : [`  refused: ${imagesStay}`]),
    ...(note === undefined ? [] : [`  note: ${note}`]),
    ...steps.flatMap(describeStepBack),
    ...(unknown === undefined ? [] : [`  not known: ${unknown}`]),
  ])
  return `${lines.map(printable).join('\n')}\n`
}

function describeStepBack({ step, state, why }: StepBack): readonly string[] {
  const [said = step.kind, command] = [inverseSentence(step), inverseCommandOf(step)]
  if (state === 'there') return [`  ${said}`, ...(command === undefined ? [] : [`    # ${command}`])]
  return [state === 'gone' ? `  gone already: ${said}` : `  refused: ${said}: ${why}`]
}

export function describeResults(results: readonly NodeResult[]): string {
  const lines = results.map(({ where, state, why, verdict }) => {
    const read = verdict === undefined ? '' : `, ${verdict.read} chains read through`
    return `${where}: ${state}${read}${why === undefined ? '' : `: ${why}`}`
  })
  return lines.map((line) => `${printable(line)}\n`).join('')
}

export function describeCheck(resolutions: readonly Resolution[]): string {
  const lines = resolutions.map(
    ({ where, path, state, why }) => `${where}: ${state}${path && `: ${path}`}${why === undefined ? '' : `: ${why}`}`,
  )
  return `${lines.map(printable).join('\n')}\n`
}
