import type { Shell, User } from '../../shell/shell.ts'
import type { RefusedAction } from '../action/check-actions.ts'
import type { Action } from '../action/kinds.ts'
import type { HiddenPlace, ImageOnTarget } from '../images/find-images.ts'
import type { NeededOrigin } from '../images/origin-needs.ts'
import type { Secrets } from '../images/secrets.ts'
import type { NodeState } from '../node/node-state.ts'
import type { FormatCounts } from '../node/qemu-version.ts'

/** The facts of a site that a plan is based on. */
export interface SiteFacts {
  /** Mount paths of the targets, the same on every node. */
  readonly targets: readonly string[]
  readonly images: readonly ImageOnTarget[]
  /** What could not be read on the targets. Default: nothing. */
  readonly hidden?: readonly HiddenPlace[]
  /** How many images use features that not every qemu-img opens. */
  readonly formats: FormatCounts
  readonly needs: readonly NeededOrigin[]
  /** The nodes that could be read. */
  readonly nodes: readonly NodeState[]
  /** The node that listed the images, and changes the targets where a strategy does that. */
  readonly lister: { readonly where: string; readonly shell: Shell }
  /** The product's user. Undefined if images are owned by more than one and none is given. */
  readonly user?: User
  /** The mounter of the shares, according to the inventory. */
  readonly mountedBy?: 'fstab' | 'product'
  /** True if the product, in its version, mounts shares on demand where fstab does not. Undefined if that is unknown. */
  readonly mountsOnDemand?: boolean
  /** Tries whether actions can be done on a node, and changes nothing. */
  readonly check: (where: string, actions: readonly Action[]) => Promise<readonly RefusedAction[]>
}

export interface PlanningOptions {
  /** True if the effect must last over reboots. */
  readonly persist: boolean
  /** Base directories below which origin paths may be made, beside those of the product and of the site. */
  readonly allowedBases?: readonly string[]
  /** Secrets that are available, by id. */
  readonly secrets?: Secrets
  readonly signal?: AbortSignal
}

/** Why a node is not prepared, or cannot restore everything. */
export interface Refusal {
  /** The origin path or mount path that it is about. Undefined if it is about none. */
  readonly origin?: string
  readonly why: string
  /** A sentence. A line for a file may follow after a newline. */
  readonly remedy: string
  /** True if no clearing up helps: the site needs another strategy. */
  readonly isLasting?: true
}

/** The actions of a strategy on one node. */
export interface NodePlan {
  readonly where: string
  readonly actions: readonly Action[]
  readonly refusals: readonly Refusal[]
  /** Information for a person, a sentence each. A line for a file may follow after a newline. */
  readonly notes: readonly string[]
}

/** The actions of a strategy at a site. */
export interface StrategyPlan {
  /** One for each node of the facts. */
  readonly nodes: readonly NodePlan[]
  /** Input without which nothing can be planned. */
  readonly missingInput?: { readonly message: string; readonly remedy: string }
}

/** The size of a site, to compare strategies by. */
export interface SiteScale {
  readonly nodes: number
  /** How many images name an origin path. */
  readonly images: number
  readonly persist: boolean
}

/**
 * A way to make origin paths resolve. Its plan is data: a list of actions for each node, which can be printed, saved,
 * compared, turned into a script, applied and undone without the strategy. `contract.ts` tests what each must do.
 */
export interface Strategy {
  /** As in `--strategy NAME`. */
  readonly name: string
  /** Its effect, as an imperative phrase for `--help`. */
  readonly summary: string
  /** Why it is recommended where nothing prevents it. */
  readonly reason: string
  /** Plans only what is needed, and nothing where something prevents it. Changes nothing. */
  plan(facts: SiteFacts, options: PlanningOptions): Promise<StrategyPlan>
  /** The images as they name their parents once the plan is carried out. Undefined if the strategy writes to no image. */
  readonly imagesAfter?: (
    images: readonly ImageOnTarget[],
    nodes: readonly NodePlan[],
    targets: readonly string[],
  ) => readonly ImageOnTarget[]
  /** Its costs and its lasting effects, in a few sentences, so that a person can choose. */
  tradeOffs(scale: SiteScale): string
}
