// What `LinkLooks` runs. A thread that waits for a share that does not answer cannot be ended, nor can the process that
// it is in end by itself: this one is killed then, and nothing is lost.
import type { ContentLink } from '../assess/judge/content-port.ts'
import { checkLink, fileIdentity } from './check-link.ts'
import { describeLinkError } from './link-error.ts'
import type { LinkAnswer, LinkOrder, LinkWork } from './link-message.ts'
import { StalledError } from './nbd/protocol.ts'
import { unlessStalled } from './stall.ts'

let isAtWork = false
// Whoever started it holds the other end, and is gone when it closes.
process.on('disconnect', () => {
  if (isAtWork) process.kill(process.pid, 'SIGKILL')
})
process.on('SIGINT', () => {})

process.on('message', async ({ do: work, links, stallMs }: LinkOrder) => {
  isAtWork = true
  const answer: LinkAnswer =
    work === 'check'
      ? await onEach(links, stallMs, checkLink)
      : await onEach(links, stallMs, ({ path }) => fileIdentity(path))
  isAtWork = 'failure' in answer && answer.isStuck
  process.send?.(answer)
})

async function onEach<Found>(
  links: readonly ContentLink[],
  stallMs: number,
  look: (link: ContentLink, onProgress: () => void) => Promise<Found>,
): Promise<{ readonly found: readonly Found[] } | Extract<LinkAnswer<keyof LinkWork>, { isStuck: boolean }>> {
  const found: Found[] = []
  for (const [index, link] of links.entries()) {
    try {
      found.push(await unlessStalled(stallMs, (progress) => look(link, progress)))
    } catch (error) {
      const { kind, message, reason } = describeLinkError(error, link.path, index)
      return { failure: { kind, message, reason }, isStuck: error instanceof StalledError }
    }
  }
  return { found }
}
