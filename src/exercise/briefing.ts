import type { ExerciseScript } from './exercise-schema.ts'
import { deskName } from './gateway.ts'
import type { Participant } from './participants.ts'

/** Printed before each session: participants know that they are recorded. */
export const recordingNotice =
  'Everything that you type here, and what is printed, is recorded. Do not type a password of your own.'

/** Returns the briefing of one person, as Markdown. */
export function briefingOf(script: ExerciseScript, person: Participant, limit: string | undefined): string {
  const role = script.roles.find(({ name }) => name === person.role)
  const nodes = [...person.nodes].filter((name) => !name.includes('/') && !name.includes('recovery-'))
  const [first = 'NODE'] = nodes
  const objectives = script.objectives.map(
    ({ name, within }) => `- ${name}${within === undefined ? '' : ` (within ${within})`}`,
  )
  return [
    `# ${script.title}`,
    '',
    script.briefing.trim(),
    '',
    ...(role === undefined
      ? []
      : [`## Your role: ${role.name}`, '', ...(role.briefing ? [role.briefing.trim(), ''] : [])]),
    '## Objectives',
    '',
    ...objectives,
    '',
    limit === undefined ? 'There is no time limit.' : `Time: ${limit}. The clock runs from the first minute on.`,
    '',
    '## How to work',
    '',
    `You are the user ${person.name} on these machines, and may use sudo: ${nodes.join(', ')}.`,
    'In the folder of this file:',
    '',
    '```console',
    `$ ssh -F ssh_config ${first}               enter a machine`,
    `$ ssh -F ssh_config ${deskName} report TEXT     what is wrong, as soon as you know it`,
    `$ ssh -F ssh_config ${deskName} verify          which objectives hold now`,
    `$ ssh -F ssh_config ${deskName} hint            the next hint${script.hints.some(({ price }) => price) ? '; it may cost time' : ''}`,
    `$ ssh -F ssh_config ${deskName} mail            your mailbox; mail 1 prints the first one`,
    `$ ssh -F ssh_config ${deskName} clock           the time`,
    '```',
    '',
    'A machine that you shut down starts again. The end of an exercise examines everything once more, also in ways that',
    'verify does not show.',
    '',
    recordingNotice,
    '',
  ].join('\n')
}
