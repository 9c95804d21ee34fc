import { MachineError } from '../../errors.ts'
import { ShellError, type User } from '../../shell/shell.ts'
import { type FoundImages, findImages, type ImageOnTarget } from '../images/find-images.ts'
import { type NeededOrigins, needsOf } from '../images/origin-needs.ts'
import type { SiteHosts, SiteNode } from './site-hosts.ts'

export interface SurveyOptions {
  readonly signal: AbortSignal
  readonly onProgress?: (images: number) => void
}

/** What the images on a site's targets need. */
export interface Survey extends FoundImages, NeededOrigins {
  /** The node that listed them. */
  readonly lister: SiteNode
  /** Where that node is. */
  readonly listedBy: string
  /** The product's user, as the site defines it, or as all images have it. Undefined if they have several owners, or root. */
  readonly user?: User
  /** How many images are not owned by the product's user. */
  readonly foreign: number
}

/**
 * Lists the images of a site by the first node that can, as the product's user. Changes nothing.
 * @throws MachineError if no node can list them
 */
export async function surveyImages(hosts: SiteHosts, { signal, onProgress }: SurveyOptions): Promise<Survey> {
  const errors: Error[] = []
  for (const lister of hosts.nodes) {
    const { where, shell } = lister
    try {
      const options = { ...(hosts.user && { user: hosts.user }), signal, ...(onProgress && { onProgress }) }
      const found = await findImages(shell, hosts.targets, options)
      if (found.images.length > 0) return surveyOf(hosts, lister, found)
      const [unread] = found.unread
      const why = unread === undefined ? '' : `: ${unread}`
      errors.push(new MachineError('no-images', `${where}: no images on ${hosts.targets.join(', ')}${why}`))
    } catch (error) {
      signal.throwIfAborted()
      errors.push(error as Error)
    }
  }
  const remedy = remedyOf(errors)
  throw new MachineError('no-images', errors.map(({ message }) => message).join('\n'), {
    ...(remedy !== undefined && { remedy }),
    cause: errors[0],
  })
}

function surveyOf(hosts: SiteHosts, lister: SiteNode, found: FoundImages): Survey {
  const user = hosts.user ?? ownerOf(found.images)
  return {
    ...found,
    ...needsOf(found, hosts.targets),
    lister,
    listedBy: lister.where,
    ...(user && { user }),
    foreign: foreignTo(hosts.user, found.images),
  }
}

/** For hosts that do not answer at all, the remedy of their own error. */
function remedyOf(errors: readonly Error[]): string | undefined {
  const lost = errors.filter((error) => error instanceof ShellError)
  return lost.length === errors.length
    ? lost.find(({ remedy }) => remedy !== undefined)?.remedy
    : 'Check that the share is mounted there, and that the product’s user can read it (--user UID:GID, or `owner` in the inventory).'
}

/** The owner of all images. Undefined if there is more than one, or if it is root: what root can read proves no restore. */
function ownerOf(images: readonly ImageOnTarget[]): User | undefined {
  const [first] = images
  if (first === undefined || first.uid === 0 || images.some(({ uid, gid }) => uid !== first.uid || gid !== first.gid))
    return undefined
  return { uid: first.uid, gid: first.gid }
}

function foreignTo(user: User | undefined, images: readonly ImageOnTarget[]): number {
  return user === undefined ? 0 : images.filter(({ uid, gid }) => uid !== user.uid || gid !== user.gid).length
}
