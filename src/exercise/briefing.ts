import type { ExerciseScript } from './exercise-schema.ts'
import { deskName } from './gateway.ts'
import type { Participant } from './participants.ts'

/** Printed before each session: participants know that they are recorded. */
export const recordingNotice =
  'Everything that you type here, and what is printed, is recorded. Do not type a password of your own.'

/** The parts of a briefing that depend on the person. */
export interface BriefingParts {
  readonly role: string
  readonly objectives: ExerciseScript['objectives']
  readonly commands: string
}

/** Returns them for a person. */
export function briefingParts(script: ExerciseScript, person: Participant): BriefingParts {
  const role = script.roles.find(({ name }) => name === person.role)
  const nodes = [...person.nodes].filter((name) => !name.includes('/') && !name.includes('recovery-'))
  const [first = 'NODE'] = nodes
  const access = [
    `You are the user ${person.name} on these machines, and may use sudo: ${nodes.join(', ')}.`,
    'The product is the user nova. Servers may let only nova look into a share: sudo -u nova ls DIRECTORY',
  ].join('\n')
  return {
    role: [
      ...(role === undefined ? [] : [`Role: ${role.name}`, ...(role.briefing ? [role.briefing.trim()] : [])]),
      access,
    ].join('\n\n'),
    objectives: script.objectives,
    commands: [
      `$ ssh -F ssh_config ${first.padEnd(20)}  enter a machine`,
      `$ ssh -F ssh_config ${deskName} report TEXT  what is wrong, as soon as you know it`,
      `$ ssh -F ssh_config ${deskName} verify       which objectives hold now`,
      `$ ssh -F ssh_config ${deskName} hint         the next hint${script.hints.some(({ price }) => price) ? '; it may cost time' : ''}`,
      `$ ssh -F ssh_config ${deskName} mail         your mailbox; mail 1 prints the first one`,
      `$ ssh -F ssh_config ${deskName} clock        the time`,
    ].join('\n'),
  }
}

/**
 * Returns the briefing of one person, as Markdown.
 * @param page the address of the person's page
 */
export function briefingOf(
  script: ExerciseScript,
  person: Participant,
  limit: string | undefined,
  page: string,
): string {
  const { role, objectives, commands } = briefingParts(script, person)
  return [
    `# ${script.title}`,
    '',
    script.briefing.trim(),
    '',
    '## You',
    '',
    role,
    '',
    '## Objectives',
    '',
    ...objectives.map(({ name, within }) => `- ${name}${within === undefined ? '' : ` (within ${within})`}`),
    '',
    limit === undefined ? 'There is no time limit.' : `Time: ${limit}. The clock runs from the first minute on.`,
    '',
    '## How to work',
    '',
    'In the folder of this file:',
    '',
    '```console',
    commands,
    '```',
    '',
    `This briefing, the clock and your mail in a browser: ${page}`,
    '',
    'A machine that you shut down starts again. The end of an exercise examines everything once more, also in ways that',
    'verify does not show.',
    '',
    recordingNotice,
    '',
  ].join('\n')
}
