import type { RestoreRecord } from '../../../src/journal/journal.ts'
import { type PathLink, readEvidence } from '../data/restore-evidence.ts'
import { CommandDetails, Facts } from './command-details.tsx'
import { Outcome } from './marks.tsx'
import { MountTable } from './mount-table.tsx'
import { RecordedValue } from './recorded-text.tsx'

/** A restore: what it had to read, what it read, and every command of it. */
export function RestoreDetails({ restore, evidence }: { readonly restore: RestoreRecord; readonly evidence: unknown }) {
  const { image, node, sizedOn, digest, reason, toolSucceeded } = restore
  const { attempts, links, mounts, rest } = readEvidence(evidence)
  return (
    <>
      {reason !== undefined && (
        <p>
          <Outcome of="failed" /> {reason.sentence} ({reason.kind})
        </p>
      )}
      <Facts
        facts={[
          ['Read on', node],
          ['Size read on', sizedOn],
          ['Recorded digest', <code key="recorded">{image.digest}</code>],
          ['Restored digest', digest === undefined ? 'none' : <code key="restored">{digest}</code>],
          ['Content', contentText(restore)],
          ['qemu-img', toolSucceeded ? 'reported success' : 'reported a failure'],
        ]}
      />
      {attempts.map((attempt, index) => (
        <details key={index} class="part">
          <summary>
            {attempt.part} on {attempt.where} (
            {attempt.exitCode === null ? attempt.ended : `exit code ${attempt.exitCode}`})
          </summary>
          <CommandDetails {...attempt} />
        </details>
      ))}
      {links.length > 0 && <Links links={links} />}
      {mounts !== undefined && (
        <details class="part">
          <summary>Mounts at that moment</summary>
          <MountTable facts={mounts} />
        </details>
      )}
      {Object.keys(rest).length > 0 && (
        <details class="part">
          <summary>Everything else that was recorded</summary>
          <RecordedValue value={rest} label="Evidence of the restore" />
        </details>
      )}
    </>
  )
}

function contentText({ digest, image }: RestoreRecord): string {
  if (digest === undefined) return 'nothing was read'
  return digest === image.digest ? 'equal to what was backed up' : 'NOT what was backed up'
}

function Links({ links }: { readonly links: readonly PathLink[] }) {
  return (
    <details class="part">
      <summary>Images of the chain, as the node saw them</summary>
      <ol class="links">
        {links.map(({ path, state, mountPath }, index) => (
          <li key={index}>
            <Outcome of={state === 'image' ? 'pass' : 'fail'} isShort /> <code>{path}</code> {state}
            {mountPath !== undefined && (
              <>
                , below <code>{mountPath.path}</code> ({mountPath.state})
              </>
            )}
          </li>
        ))}
      </ol>
    </details>
  )
}
