import { basename } from 'node:path'
import type { ExerciseRecord } from '../journal/journal.ts'
import type { ExerciseFiles } from './exercise-file.ts'
import { msOf } from './exercise-schema.ts'
import type { ObjectiveView } from './live-objectives.ts'
import type { TeamMember } from './participants.ts'
import type { GatewayListener, SessionPlace } from './recorded-session.ts'

/** A record before the clock is read for it. */
export type UntimedRecord = Omit<ExerciseRecord, 'clockMs'>

/** Describes an exercise at its beginning. */
export function beginningOf(
  {
    name: exercise,
    source,
    yaml,
    script: { title, objectives, lookAt },
  }: Pick<ExerciseFiles, 'name' | 'source' | 'yaml' | 'script'>,
  { people, name: team }: { readonly people: readonly TeamMember[]; readonly name?: string },
  limitMs: number | undefined,
): UntimedRecord {
  return {
    event: 'began',
    text: title,
    exercise,
    ...(team !== undefined && { team }),
    script: { file: basename(source), yaml },
    people: people.map(({ name, role }) => (role === undefined ? name : `${name} (${role})`)),
    objectives: objectives.map(({ name, within, check }) => {
      const withinMs = msOf(within)
      return { name, ...(withinMs !== undefined && { withinMs }), isJudgedLive: check !== undefined }
    }),
    lookAt,
    ...(limitMs !== undefined && { limitMs }),
  }
}

export function recordOfView({ name, state, detail, holding, claims }: ObjectiveView): UntimedRecord {
  return { event: 'objective', subject: name, state, holding, claims, text: detail }
}

/** Records what the gateway sees. `onCommandEnd` is called after the record of a command. */
export function recordingListener(
  record: (record: UntimedRecord) => void,
  { onCommand, onCommandEnd }: { readonly onCommand: GatewayListener['onCommand']; readonly onCommandEnd: () => void },
): GatewayListener {
  const placed = ({ person, node, recording }: SessionPlace) => ({ person, node, subject: recording })
  return {
    onBegin: (place) => record({ event: 'session began', ...placed(place) }),
    onEnd: (place, exitCode, digest) =>
      record({ event: 'session ended', ...placed(place), exitCode, ...(digest !== undefined && { digest }) }),
    onCommand,
    onCommandEnd: (place, { command, input, output, exitCode }) => {
      record({
        ...{ event: 'command', ...placed(place), text: command, output, exitCode },
        ...(input !== '' && { input }),
      })
      onCommandEnd()
    },
    onLoss: (place, why) => record({ event: 'recording lost', ...placed(place), text: why }),
  }
}
