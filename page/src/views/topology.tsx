import { useMemo } from 'preact/hooks'
import { type MountedPath, type Topology, topologyOf } from '../data/topology.ts'
import { type Picture, pictureOf } from '../data/topology-graph.ts'
import { DrillPicker } from '../parts/drill-picker.tsx'
import { Scrolls } from '../parts/scrolls.tsx'

/** Shares, mounts and binds of a drill, before and after its recovery. */
export function TopologyView({ drill }: { readonly drill: string | undefined }) {
  return (
    <DrillPicker view="topology" title="Topology" drill={drill}>
      {(_row, { entries }) => {
        const { before, after } = topologyOf(entries)
        return (
          <>
            <p>
              An arrow leads from a share to the path where it is mounted. A dashed arrow is a bind: from a local path
              to an origin path. A dotted arrow rests on the name of a path alone: its mount table was not recorded.
            </p>
            <h2>Before the recovery</h2>
            <TopologyPicture topology={before} label="Topology before the recovery" />
            <h2>At the end</h2>
            <TopologyPicture topology={after} label="Topology at the end" />
            <h2>Paths</h2>
            <Paths before={before} after={after} />
          </>
        )
      }}
    </DrillPicker>
  )
}

function TopologyPicture({ topology, label }: { readonly topology: Topology; readonly label: string }) {
  const picture = useMemo(() => pictureOf(topology), [topology])
  if (picture.boxes.length === 0) return <p>The journal of this drill names no node of a site.</p>
  return (
    <Scrolls label={label}>
      <Drawing picture={picture} label={label} />
    </Scrolls>
  )
}

function Drawing({
  picture: { width, height, boxes, arrows },
  label,
}: {
  readonly picture: Picture
  readonly label: string
}) {
  const id = label.replaceAll(' ', '-').toLowerCase()
  return (
    <svg
      class="topology"
      width={width}
      height={height}
      viewBox={`0 0 ${width} ${height}`}
      role="img"
      aria-label={label}
    >
      <defs>
        <marker id={id} viewBox="0 0 8 8" refX="8" refY="4" markerWidth="7" markerHeight="7" orient="auto">
          <path d="M0 0 L8 4 L0 8 Z" />
        </marker>
      </defs>
      {boxes.map((box) => (
        <g key={box.id} class={`box ${box.kind}${box.isLost ? ' lost' : ''}`}>
          <rect
            x={box.x}
            y={box.kind === 'node' ? box.y - 16 : box.y}
            width={box.width}
            height={box.kind === 'node' ? box.height + 16 : box.height}
            rx="6"
          />
          <text
            x={box.kind === 'node' ? box.x + 8 : box.x + box.width / 2}
            y={box.kind === 'node' ? box.y : box.y + box.height / 2 + 4}
            text-anchor={box.kind === 'node' ? 'start' : 'middle'}
          >
            {box.label}
          </text>
        </g>
      ))}
      {arrows.map((arrow) => (
        <polyline
          key={arrow.id}
          class={`arrow ${arrow.kind}`}
          points={arrow.points.map(({ x, y }) => `${x},${y}`).join(' ')}
          marker-end={`url(#${id})`}
        />
      ))}
    </svg>
  )
}

/** The same as the pictures, as a table. */
function Paths({ before, after }: { readonly before: Topology; readonly after: Topology }) {
  const rows = after.nodes.flatMap(({ name, paths, isLost }) => {
    const old = before.nodes.find((node) => node.name === name)?.paths ?? []
    const all = [...new Set([...old, ...paths].map(({ path }) => path))]
    return all.map((path) => ({
      ...{ name, path, isLost },
      was: old.find((one) => one.path === path),
      is: paths.find((one) => one.path === path),
    }))
  })
  if (rows.length === 0) return <p>The journal of this drill holds no mounts.</p>
  return (
    <Scrolls label="Paths before and after">
      <table>
        <thead>
          <tr>
            <th scope="col">node</th>
            <th scope="col">path</th>
            <th scope="col">before</th>
            <th scope="col">at the end</th>
          </tr>
        </thead>
        <tbody>
          {rows.map(({ name, path, isLost, was, is }) => (
            <tr key={`${name} ${path}`}>
              <td>
                {name}
                {isLost && ' (lost)'}
              </td>
              <td>
                <code>{path}</code>
              </td>
              <td>{sourceOf(was)}</td>
              <td>{sourceOf(is)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </Scrolls>
  )
}

function sourceOf(mounted: MountedPath | undefined): string {
  if (mounted === undefined) return '–'
  const { share = 'a share that the journal does not name', boundFrom, isByName } = mounted
  if (boundFrom !== undefined) return `bound from ${boundFrom}`
  return isByName === true ? `${share}, by its name` : share
}
