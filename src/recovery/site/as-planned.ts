import { InputError } from '../../errors.ts'
import type { ServicePlace } from '../../inventory/inventory-schema.ts'
import type { User } from '../../shell/shell.ts'
import type { RecoveryPlan } from './recovery-plan.ts'
import { type SiteHosts, thisHostAlone } from './site-hosts.ts'

/** The options of a command, some of which a saved plan has as well. */
export interface GivenOptions {
  readonly targets: readonly string[]
  readonly inventory?: string
  readonly site?: string
  readonly user?: User
  readonly service?: ServicePlace
  readonly strategy?: string
  readonly persist?: boolean
}

/** The same options, with those of the plan where none was given. */
export interface PlannedOptions extends GivenOptions {
  readonly strategy: string
  readonly persist: boolean
  /** The product's user of the plan. An option or the inventory must have the same, or none. */
  readonly plannedUser?: User
}

/**
 * Completes the options of a command with those that a saved plan was made with.
 * @throws InputError that names both values if an option contradicts the plan
 */
export function asPlanned(plan: RecoveryPlan, given: GivenOptions): PlannedOptions {
  const { inventory, targets, site, user, service, strategy, persist } = given
  agree('--strategy', strategy, plan.strategy)
  if (persist === true && !plan.persist)
    throw new InputError('--persist: the plan was made without it', {
      remedy: 'Make a plan with it, and review it: dr-drill plan --persist --out FILE',
    })
  const isForThisHost = plan.site === thisHostAlone
  if (isForThisHost && inventory !== undefined)
    throw new InputError(`--inventory ${inventory}: the plan was made for this host, without an inventory`)
  if (!isForThisHost && inventory === undefined)
    throw new InputError(`the plan was made for the site "${plan.site}" of an inventory`, {
      remedy: 'Pass --inventory FILE.',
    })
  agree('--site', site, plan.site)
  agree('--user', user, plan.user, textOfUser)
  agree('--service', service, plan.madeWith.service, placeText)
  const named = targets.map((path) => path.replace(/(?<=.)\/+$/, ''))
  agree('mount paths', named.length === 0 ? undefined : named, plan.targets, (paths) => paths.join(', '))
  const { user: plannedUser, ...madeWith } = plan.madeWith
  return {
    ...given,
    targets: plan.targets,
    ...(!isForThisHost && { site: plan.site }),
    ...madeWith,
    ...(plannedUser && { plannedUser }),
    strategy: plan.strategy,
    persist: plan.persist,
  }
}

/**
 * Requires that a plan is about the nodes and the user that a site has now.
 * @throws InputError that names what differs
 */
export function requirePlannedSite(plan: RecoveryPlan, { site, user, nodes }: SiteHosts): void {
  const remedy = 'Make a new plan, and review it: dr-drill plan --out FILE'
  if (user !== undefined && plan.user !== undefined && textOfUser(user) !== textOfUser(plan.user))
    throw new InputError(
      `the plan has the product's user ${textOfUser(plan.user)}, and the site "${site}" has ${textOfUser(user)}`,
      { remedy },
    )
  const names = new Set(nodes.map(({ where }) => where))
  const lost = [...plan.nodes, ...plan.unknown].find(({ where }) => !names.has(where))
  if (lost !== undefined)
    throw new InputError(`the plan has the node ${lost.where}, which the site "${site}" does not have`, { remedy })
}

const textOfUser = ({ uid, gid }: User): string => `${uid}:${gid}`

function agree<T>(
  option: string,
  given: T | undefined,
  planned: T | undefined,
  text: (value: T) => string = String,
): void {
  if (given === undefined || JSON.stringify(given) === JSON.stringify(planned)) return
  const other = planned === undefined ? 'without it' : `with ${text(planned)}`
  throw new InputError(`${option} ${text(given)}: the plan was made ${other}`, {
    remedy: 'Omit it, because the plan has it. Or make a new plan, and review it: dr-drill plan --out FILE',
  })
}

function placeText(place: ServicePlace): string {
  if (typeof place === 'string') return place
  return Object.entries(place)
    .map(([kind, value]) => `${kind}:${value}`)
    .join()
}
