// The program of `LinkChecks`. A thread that waits for a silent share cannot be ended, and neither can its process end
// by itself. This process is killed then, and nothing is lost.
import type { ContentLink } from '../assess/judge/content-port.ts'
import { checkLink, fileIdentity } from './check-link.ts'
import { describeLinkError } from './link-error.ts'
import type { LinkAnswer, LinkRequest, LinkWork } from './link-message.ts'
import { StalledError } from './nbd/protocol.ts'
import { unlessStalled } from './stall.ts'

let isBusy = false
// The parent process holds the other end, and has exited when it closes.
process.on('disconnect', () => {
  if (isBusy) process.kill(process.pid, 'SIGKILL')
})
process.on('SIGINT', () => {})

process.on('message', async ({ do: work, links, stallMs }: LinkRequest) => {
  isBusy = true
  const answer: LinkAnswer =
    work === 'check'
      ? await onEach(links, stallMs, checkLink)
      : await onEach(links, stallMs, ({ path }) => fileIdentity(path))
  isBusy = 'failure' in answer && answer.isStuck
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
