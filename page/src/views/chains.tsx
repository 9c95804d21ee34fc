import { useState } from 'preact/hooks'
import { type ChainLink, chainsOf, type DiskChains, type RestoredChain } from '../data/chains.ts'
import { entryLink } from '../data/route.ts'
import { DrillPicker } from '../parts/drill-picker.tsx'
import { Outcome } from '../parts/marks.tsx'

const maxShown = 40

/** Every restored chain, link by link. */
export function ChainsView({ drill }: { readonly drill: string | undefined }) {
  return (
    <DrillPicker view="chains" title="Chains" drill={drill}>
      {(row, { entries }) => {
        const disks = chainsOf(entries)
        return (
          <>
            <p>
              Each line is one restore. It reads the restored image first, and ends at a full image. The first link that
              could not be read ends it.
            </p>
            {disks.length === 0 && <p>Nothing was restored in this drill.</p>}
            {disks.map((disk) => (
              <Disk key={disk.disk} drill={row.id} disk={disk} />
            ))}
          </>
        )
      }}
    </DrillPicker>
  )
}

function Disk({ drill, disk: { disk, restores } }: { readonly drill: string; readonly disk: DiskChains }) {
  const [shown, setShown] = useState(maxShown)
  return (
    <section>
      <h2>{disk}</h2>
      <ol class="chains">
        {restores.slice(0, shown).map((chain) => (
          <Chain key={chain.seq} drill={drill} chain={chain} />
        ))}
      </ol>
      {restores.length > shown && (
        <button type="button" onClick={() => setShown(shown + maxShown)}>
          Show {Math.min(maxShown, restores.length - shown)} of {restores.length - shown} more
        </button>
      )}
    </section>
  )
}

function Chain({ drill, chain: { seq, restore, links } }: { readonly drill: string; readonly chain: RestoredChain }) {
  const { image, node, outcome, digest } = restore
  const isWrong = outcome === 'restored' && digest !== image.digest
  const bad = links.find(({ state }) => state === 'bad')
  return (
    <li>
      <p>
        <Outcome of={isWrong ? 'fail' : outcome} isShort />{' '}
        <a href={entryLink(drill, seq)}>
          snapshot {image.snapshot} on {node}
        </a>
        {isWrong && ': restored, but with the wrong content'}
        {outcome === 'failed' && `: ${bad?.why ?? restore.reason?.sentence ?? 'failed'}`}
      </p>
      <ol class="links-of-chain">
        {links.map((link) => (
          <Link key={link.path} link={link} />
        ))}
      </ol>
    </li>
  )
}

const classes = { good: 'passed', bad: 'failed', 'not seen': 'not-run' } as const
const outcomes = { good: 'pass', bad: 'fail', 'not seen': 'not seen' } as const

function Link({ link: { path, snapshot, state } }: { readonly link: ChainLink }) {
  return (
    <li class={classes[state]} title={path}>
      <Outcome of={outcomes[state]} isShort /> {snapshot === undefined ? 'image' : `snapshot ${snapshot}`}
    </li>
  )
}
