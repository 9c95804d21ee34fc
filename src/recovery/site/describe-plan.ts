import { counted } from '../../text/plural.ts'
import type { Style } from '../../text/style.ts'
import { lineToCopy, sentenceLines } from '../../text/text-lines.ts'
import { kindOf } from '../action/kinds.ts'
import { lostParentsSentence } from '../images/origin-needs.ts'
import { qemuName } from '../node/qemu-version.ts'
import { strangeBase } from '../strategy/bind-mount/base-directories.ts'
import { strategies } from '../strategy/index.ts'
import { isDone, isInDoubt, type PlannedNode, type RecoveryPlan, whyUnchanged } from './recovery-plan.ts'

const maxRefusals = 10

/**
 * A plan for people: what the images need, and what each node gets.
 * @param isForChoice true for what each strategy costs, too
 */
export function describePlan(plan: RecoveryPlan, { columns, paint }: Style, isForChoice = true): readonly string[] {
  const heading = `Recovery of ${plan.site}: ${plan.strategy}${plan.persist ? ', kept over reboots' : ''}`
  const blocks: readonly (readonly string[])[] = [
    [paint('strong', lineToCopy(heading)), ...factsOf(plan, columns)],
    needsOf(plan, columns),
    nodesOf(plan, columns),
    isDone(plan) || plan.needs.length === 0 || !isForChoice ? [] : choicesOf(plan, columns),
  ]
  return blocks.filter((block) => block.length > 0).flatMap((block) => [...block, ''])
}

/** What a plan comes to, as one sentence. */
export function planSentence(plan: RecoveryPlan): string {
  const unchanged = whyUnchanged(plan)
  if (unchanged !== undefined)
    return isDone(plan)
      ? `Nothing to do: ${unchanged}. recover proves it by restoring.`
      : `Nothing would be changed: ${unchanged}.`
  const changed = plan.nodes.filter(({ actions }) => actions.length > 0)
  const changes = changed.flatMap(({ actions }) => actions.flatMap((action) => kindOf(action).parts(action)))
  const refused = plan.nodes.filter(({ refusals }) => refusals.length > 0).length
  const doubts = [
    ...(refused === 0 ? [] : [`${counted(refused, 'node')} refused`]),
    ...(plan.broken.length === 0 ? [] : ['some images are broken']),
    ...(isInDoubt(plan) ? ['not everything could be read'] : []),
  ]
  const rest = doubts.length === 0 ? '' : `; ${doubts.join('; ')}`
  return `${counted(changes.length, 'change')} needed on ${counted(changed.length, 'node')}${rest}.`
}

function factsOf(plan: RecoveryPlan, columns: number): readonly string[] {
  const { user, foreign } = plan
  const byVersion = Map.groupBy(plan.nodes, ({ state: { qemuImg, serviceQemuImg } }) =>
    serviceQemuImg === undefined
      ? qemuName(qemuImg)
      : `${qemuName(qemuImg)} (in the service ${qemuName(serviceQemuImg)})`,
  )
  const versions = [...byVersion].map(
    ([version, nodes]) => `${version} on ${nodes.map(({ where }) => where).join(', ')}`,
  )
  return [
    `${counted(plan.images, 'image')} on ${plan.targets.join(', ')}`,
    ...(versions.length === 0 ? [] : [`qemu-img ${versions.join('; ')}`]),
    ...(foreign > 0 && user !== undefined
      ? [`note: ${counted(foreign, 'image')} not owned by the product's user ${user.uid}:${user.gid}`]
      : []),
  ].flatMap((line) => sentenceLines(line, columns))
}

function needsOf({ targets, needs, broken, unclear, unread }: RecoveryPlan, columns: number): readonly string[] {
  const lines = needs.flatMap(({ origin, local, was, images }) => [
    lineToCopy(origin, 2),
    ...sentenceLines(`was ${was}; ${counted(images, 'image names', 'images name')} it`, columns, 4),
    lineToCopy(`is  ${local} here`, 4),
    ...strangeLines(origin, targets, columns),
  ])
  return [
    ...(needs.length === 0 ? ['No origin path is needed.'] : ['Origin paths that images name:', ...lines]),
    ...broken.flatMap((one) => sentenceLines(`broken: ${lostParentsSentence(one)}`, columns)),
    ...unclear.flatMap((one) => sentenceLines(`unknown: ${lostParentsSentence(one)}`, columns)),
    ...unread.flatMap((why) => sentenceLines(`unread: ${why}`, columns)),
  ]
}

function strangeLines(origin: string, targets: readonly string[], columns: number): readonly string[] {
  const base = strangeBase(origin, targets)
  return base === undefined ? [] : sentenceLines(`note: ${base} is not a base directory of the product`, columns, 4)
}

/** Nodes with the same plan are one block. */
function nodesOf({ nodes, unknown, missingInput }: RecoveryPlan, columns: number): readonly string[] {
  const groups = Map.groupBy(nodes, (node) => nodeLines(node, columns).join('\n'))
  const blocks = [...groups].flatMap(([text, same]) => [
    ...sentenceLines(same.map(({ where }) => where).join(', '), columns),
    text,
  ])
  return [
    ...(missingInput === undefined
      ? []
      : sentenceLines(`refused: ${missingInput.message}. ${missingInput.remedy}`, columns)),
    ...blocks,
    ...unknown.flatMap(({ where, why }) => [lineToCopy(where), ...sentenceLines(`unknown: ${why}`, columns, 2)]),
  ]
}

function nodeLines({ actions, refusals, notes, state }: PlannedNode, columns: number): readonly string[] {
  const lines = [
    ...actions.flatMap((action) => {
      const kind = kindOf(action)
      const details = kind.details(action, state).map((line) => lineToCopy(line, 4))
      return [...sentenceLines(kind.sentence(action), columns, 2), ...details]
    }),
    ...refusals
      .slice(0, maxRefusals)
      .flatMap(({ why, remedy }) => [
        ...sentenceLines(`refused: ${why}`, columns, 2),
        ...withLineToCopy(remedy, columns, 4),
      ]),
    ...(refusals.length > maxRefusals ? [`  refused: ${refusals.length - maxRefusals} more`] : []),
    ...notes.flatMap((note) => withLineToCopy(`note: ${note}`, columns, 2)),
  ]
  return lines.length === 0 ? ['  nothing to do'] : lines
}

/** A sentence, and after a newline a line of a file. */
function withLineToCopy(text: string, columns: number, indent: number): readonly string[] {
  const [sentence = '', ...lines] = text.split('\n')
  return [...sentenceLines(sentence, columns, indent), ...lines.map((line) => lineToCopy(line, indent + 2))]
}

/** What each strategy costs, so that a person can choose. */
function choicesOf({ strategy, persist, needs, nodes, recommendation }: RecoveryPlan, columns: number) {
  const images = needs.reduce((sum, need) => sum + need.images, 0)
  const scale = { nodes: nodes.length, images, persist }
  const chosenFirst = strategies.toSorted((one, other) => rank(one.name) - rank(other.name))
  function rank(name: string): number {
    return name === strategy ? 0 : 1
  }
  return [
    ...(recommendation === undefined
      ? []
      : sentenceLines(`Recommended: ${recommendation.strategy}, because ${recommendation.why}.`, columns)),
    ...chosenFirst.flatMap((one) => [
      `  ${one.name}${one.name === strategy ? ' (chosen)' : ''}`,
      ...sentenceLines(one.tradeOffs(scale), columns, 4),
    ]),
  ]
}
