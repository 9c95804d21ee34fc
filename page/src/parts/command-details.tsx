import type { ComponentChildren } from 'preact'
import type { JournalEntry } from '../../../src/journal/journal.ts'
import { RecordedText } from './recorded-text.tsx'

type Fact = readonly [name: string, value: ComponentChildren]

type Command = Pick<
  Extract<JournalEntry, { readonly kind: 'command' }>,
  | 'where'
  | 'command'
  | 'user'
  | 'mountNamespace'
  | 'startedAt'
  | 'ended'
  | 'exitCode'
  | 'stdout'
  | 'stderr'
  | 'durationMs'
>

/** A command with everything that it printed. */
export function CommandDetails(command: Command) {
  const { where, user, mountNamespace, startedAt, ended, exitCode, durationMs, stdout, stderr } = command
  return (
    <>
      <RecordedText text={command.command} label={`Command on ${where}`} />
      <Facts
        facts={[
          ['On', where],
          ...(user === undefined ? [] : [['As', `${user.uid}:${user.gid}`] as const]),
          ...(mountNamespace === undefined ? [] : [['Mount namespace', mountNamespace] as const]),
          ...(startedAt === undefined ? [] : [['Started', startedAt] as const]),
          ['End', exitCode === null ? ended : `${ended} with code ${exitCode}`],
          ['Time', `${Math.round(durationMs)} ms`],
        ]}
      />
      {stdout !== '' && (
        <>
          <p class="label">Standard output</p>
          <RecordedText text={stdout} label="Standard output" />
        </>
      )}
      {stderr !== '' && (
        <>
          <p class="label">Standard error</p>
          <RecordedText text={stderr} label="Standard error" />
        </>
      )}
    </>
  )
}

export function Facts({ facts }: { readonly facts: readonly Fact[] }) {
  return (
    <dl class="facts">
      {facts.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  )
}
