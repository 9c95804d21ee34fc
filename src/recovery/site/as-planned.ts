import { InputError } from '../../errors.ts'
import type { ServicePlace } from '../../inventory/inventory.ts'
import type { User } from '../../shell/shell.ts'
import type { RecoveryPlan, Strategy } from './plan.ts'
import { thisHostAlone } from './team.ts'

/** What a command is called with that a plan was made with before. */
export interface CalledWith {
  readonly targets: readonly string[]
  readonly inventory?: string
  readonly site?: string
  readonly user?: User
  readonly service?: ServicePlace
  readonly strategy?: Strategy
  readonly persist?: boolean
}

/** What it comes to: what was left out is as the plan has it. */
export interface AsPlanned extends CalledWith {
  readonly strategy: Strategy
  readonly persist: boolean
}

/**
 * Takes from a plan what it was made with.
 * @throws InputError for what is said otherwise now; it names both
 */
export function asPlanned(plan: RecoveryPlan, called: CalledWith): AsPlanned {
  const { inventory, targets, site, user, service, strategy, persist } = called
  const given = plan.madeWith
  agree('--strategy', strategy, plan.strategy)
  if (persist === true && !plan.persist)
    throw new InputError('--persist: this plan keeps nothing over reboots', {
      remedy: 'Make it so, and review it: dr-drill plan --persist --out FILE',
    })
  const isOfThisHost = plan.site === thisHostAlone
  if (isOfThisHost !== (inventory === undefined))
    throw new InputError(
      isOfThisHost
        ? `--inventory ${inventory}: this plan was made for this host, without one`
        : `this plan was made for the site "${plan.site}" of an inventory, and none is named`,
      isOfThisHost ? {} : { remedy: 'Say --inventory FILE.' },
    )
  agree('--site', site, plan.site)
  agree('--user', user, plan.user, ({ uid, gid }) => `${uid}:${gid}`)
  agree('--service', service, given.service, sayPlace)
  const named = targets.map((path) => path.replace(/(?<=.)\/+$/, ''))
  agree('the mount paths', named.length === 0 ? undefined : named, plan.targets, (paths) => paths.join(', '))
  return {
    ...called,
    targets: plan.targets,
    ...(!isOfThisHost && { site: plan.site }),
    ...given,
    strategy: plan.strategy,
    persist: plan.persist,
  }
}

function agree<T>(
  what: string,
  said: T | undefined,
  planned: T | undefined,
  text: (value: T) => string = String,
): void {
  if (said === undefined || JSON.stringify(said) === JSON.stringify(planned)) return
  const was = planned === undefined ? 'without it' : `with ${text(planned)}`
  throw new InputError(`${what} ${text(said)}: this plan was made ${was}`, {
    remedy: 'Leave it out: it is in the plan. Or make the plan again, and review it: dr-drill plan --out FILE',
  })
}

function sayPlace(place: ServicePlace): string {
  if (typeof place === 'string') return place
  return Object.entries(place)
    .map(([kind, value]) => `${kind}:${value}`)
    .join()
}
