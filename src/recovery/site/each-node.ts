import type { SiteNode } from './site-hosts.ts'

const nodesAtOnce = 32

/** What one node returned. The failure of one node leaves the others' results true. */
export type HostResult<T> =
  | { readonly where: string; readonly value: T; readonly error?: never }
  | { readonly where: string; readonly error: Error; readonly value?: never }

/** Acts on all nodes, several at once, and returns their results in the order of the nodes. */
export async function onEachNode<T>(
  nodes: readonly SiteNode[],
  act: (node: SiteNode) => Promise<T>,
  signal?: AbortSignal,
): Promise<readonly HostResult<T>[]> {
  const results: HostResult<T>[] = []
  const waiting = [...nodes.entries()]
  const work = async () => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const [index, node] = next
      const { where } = node
      try {
        results[index] = { where, value: await act(node) }
      } catch (error) {
        signal?.throwIfAborted()
        results[index] = { where, error: error as Error }
      }
    }
  }
  await Promise.all(Array.from({ length: Math.min(nodesAtOnce, nodes.length) }, work))
  return results
}
