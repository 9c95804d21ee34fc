import { Graph, layout } from '@dagrejs/dagre'
import type { Topology } from './topology.ts'

export interface Box {
  readonly id: string
  readonly kind: 'share' | 'path' | 'node'
  readonly label: string
  readonly isLost: boolean
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

export interface Arrow {
  readonly id: string
  readonly kind: 'mount' | 'bind' | 'by-name'
  readonly points: readonly { readonly x: number; readonly y: number }[]
}

/** A picture of a topology, in pixels. */
export interface Picture {
  readonly width: number
  readonly height: number
  readonly boxes: readonly Box[]
  readonly arrows: readonly Arrow[]
}

const charWidth = 7.3
const pathHeight = 26

/** Lays a topology out: shares on the left, and each node as a box with its paths. */
export function pictureOf({ nodes, shares }: Topology): Picture {
  const graph = new Graph({ compound: true })
  graph.setGraph({ rankdir: 'LR', ranksep: 70, nodesep: 36, marginx: 12, marginy: 30 })
  graph.setDefaultEdgeLabel(() => ({}))
  const widthOf = (label: string): number => label.length * charWidth + 18
  for (const share of shares) graph.setNode(`share ${share}`, { width: widthOf(share), height: 34 })
  const details = new Map<string, Pick<Box, 'kind' | 'label' | 'isLost'>>(
    shares.map((share) => [`share ${share}`, { kind: 'share', label: share, isLost: false }]),
  )
  const arrows: { readonly from: string; readonly to: string; readonly kind: Arrow['kind'] }[] = []
  for (const { name, paths, isLost } of nodes) {
    const parent = `node ${name}`
    details.set(parent, { kind: 'node', label: isLost ? `${name} (lost)` : name, isLost })
    if (paths.length === 0) graph.setNode(parent, { width: widthOf(name) + 30, height: 40 })
    else graph.setNode(parent, {})
    for (const { path, share, boundFrom, isByName } of paths) {
      const id = `path ${name} ${path}`
      details.set(id, { kind: 'path', label: path, isLost })
      graph.setNode(id, { width: widthOf(path), height: pathHeight })
      graph.setParent(id, parent)
      if (boundFrom !== undefined) arrows.push({ from: `path ${name} ${boundFrom}`, to: id, kind: 'bind' })
      else if (share !== undefined)
        arrows.push({ from: `share ${share}`, to: id, kind: isByName === true ? 'by-name' : 'mount' })
    }
  }
  const drawn = arrows.filter(({ from }) => graph.hasNode(from))
  for (const { from, to } of drawn) graph.setEdge(from, to)
  layout(graph)
  const { width = 0, height = 0 } = graph.graph()
  return {
    width: width + 24,
    height: height + 24,
    boxes: [...details].map(([id, detail]) => {
      const { x = 0, y = 0, width: boxWidth = 0, height: boxHeight = 0 } = graph.node(id)
      return { id, ...detail, x: x - boxWidth / 2, y: y - boxHeight / 2, width: boxWidth, height: boxHeight }
    }),
    arrows: drawn.map(({ from, to, kind }) => ({
      id: `${from} ${to}`,
      kind,
      points: graph.edge(from, to).points ?? [],
    })),
  }
}
