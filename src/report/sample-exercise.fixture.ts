import type { ExerciseRecord } from '../journal/journal.ts'

export const seconds = (count: number): number => count * 1000
export const command = (at: number, text: string, exitCode = 0): ExerciseRecord => ({
  ...{ event: 'command', clockMs: seconds(at), person: 'ann', node: 'recovery/compute-1', text, exitCode },
})
const nodes = ['recovery/appliance', 'recovery/compute-1', 'recovery/compute-2']
/** A look that finds one state a node: `+` holds, `-` does not hold, `?` is unknown. */
export const look = (at: number, found: string): ExerciseRecord => {
  const states = [...found].map((one) => (one === '+' ? 'holds' : one === '-' ? 'does not hold' : 'unknown'))
  const worst = states.includes('does not hold') ? 'does not hold' : states.includes('unknown') ? 'unknown' : 'holds'
  return {
    ...{ event: 'objective', clockMs: seconds(at), subject: 'read', state: worst },
    holding: states.filter((one) => one === 'holds').length,
    claims: states.map((state, nth) => ({ about: nodes[nth] ?? '', state })),
  }
}
/** The events of an exercise that a team of two solves. */
export const sampleExercise: readonly ExerciseRecord[] = [
  {
    ...{ event: 'began', clockMs: 0, text: 'The | page', people: ['ann', 'ben (storage)'], limitMs: seconds(600) },
    objectives: [
      { name: 'read', withinMs: seconds(300), isJudgedLive: true },
      { name: 'restore', isJudgedLive: false },
    ],
    lookAt: ['Who checks?'],
  },
  look(0, '+--'),
  command(20, 'findmnt'),
  look(25, '+--'),
  { event: 'reported', clockMs: seconds(30), person: 'ann', text: 'no bind' },
  command(40, 'mount --bind a b'),
  look(45, '++-'),
  command(50, 'umount b', 32),
  look(55, '+--'),
  { event: 'hint', clockMs: seconds(60), subject: '1', text: 'Look.', person: 'ann', priceMs: 1000 },
  command(70, 'mount --bind a b'),
  look(75, '+++'),
  look(90, '+++'),
  { event: 'ended', clockMs: seconds(90), end: 'done' },
]
