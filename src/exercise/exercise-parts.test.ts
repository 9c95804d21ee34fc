import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { InputError } from '../errors.ts'
import { answerAtDesk, type ExerciseDesk } from './desk.ts'
import { clockText, ExerciseClock } from './exercise-clock.ts'
import { parseScript } from './exercise-file.ts'
import { ExerciseLog } from './exercise-log.ts'
import { Injects } from './injects.ts'
import type { ObjectiveView } from './live-objectives.ts'
import { LookSchedule } from './look-schedule.ts'
import { Mailbox } from './mailbox.ts'
import { parseTeam, parseTeamName } from './participants.ts'

describe('the clock of an exercise', () => {
  it('stops in pauses, and is moved forward by hints', () => {
    let nowMs = 1000
    const clock = new ExerciseClock(() => nowMs)
    assert.equal(clock.ms, 0)
    clock.run()
    nowMs += 60_000
    clock.pause()
    nowMs += 60_000
    assert.equal(clock.ms, 60_000)
    clock.run()
    clock.run()
    nowMs += 5_000
    clock.moveForward(120_000)
    assert.equal(clock.ms, 185_000)
  })

  it('is shown in minutes and hours', () => {
    assert.deepEqual([0, 65_999, 3_729_000].map(clockText), ['00:00', '01:05', '1:02:09'])
  })
})

const script = parseScript(
  `title: T
level: easy
briefing: The site is down.
roles: [{ name: storage, nodes: [compute-1] }]
objectives:
  - { name: read, check: { imagesReadOn: every node } }
  - { name: restore }
injects:
  - { name: timed, at: 10m, reboot: a }
  - { name: typed, when: { command: "mount .*--bind" }, reboot: a }
  - { name: met, when: { objective: read }, reboot: a }
  - { name: by hand, reboot: a }
`,
  'f.yaml',
)

describe('injects', () => {
  const names = (list: readonly { readonly name: string }[]) => list.map(({ name }) => name)

  it('fire once: at their time, for a command, for an objective, or by hand', () => {
    const injects = new Injects(script.injects)
    assert.deepEqual(names(injects.takeDue(599_999)), [])
    assert.deepEqual(names(injects.takeDue(600_000)), ['timed'])
    assert.deepEqual(names(injects.takeDue(700_000)), [])
    assert.deepEqual(names(injects.takeForCommand('mount -a')), [])
    assert.deepEqual(names(injects.takeForCommand('sudo mount -v --bind a b')), ['typed'])
    assert.deepEqual(names(injects.takeForObjective('restore')), [])
    assert.deepEqual(names(injects.takeForObjective('read')), ['met'])
    assert.equal(injects.take('4', 'fired')?.name, 'by hand')
    assert.equal(injects.take('4', 'fired'), undefined)
  })

  it('can be skipped by name, and the next one is the first that waits', () => {
    const injects = new Injects(script.injects)
    assert.equal(injects.take('timed', 'skipped')?.name, 'timed')
    assert.deepEqual(names(injects.takeDue(600_000)), [])
    assert.equal(injects.take(undefined, 'fired')?.name, 'typed')
    assert.deepEqual(
      injects.all.map(({ state }) => state),
      ['skipped', 'fired', 'waiting', 'waiting'],
    )
  })
})

describe('looks at the site', () => {
  it('follow commands, take at most a tenth of the time, and go on without commands', () => {
    let nowMs = 0
    const schedule = new LookSchedule(() => nowMs)
    assert.ok(schedule.isDue)
    let busyMs = 0
    for (; nowMs < 600_000; nowMs += 100) {
      schedule.commandEnded()
      if (!schedule.isDue) continue
      nowMs += 3000
      busyMs += 3000
      schedule.looked(3000)
    }
    assert.ok(busyMs <= 63_000 && busyMs >= 51_000, `${busyMs}`)
    nowMs += 3000
    schedule.looked(100)
    nowMs += 19_000
    assert.ok(!schedule.isDue)
    schedule.commandEnded()
    nowMs += 499
    assert.ok(!schedule.isDue)
    nowMs += 1
    assert.ok(schedule.isDue)
  })
})

describe('the people of a team', () => {
  it('have a name, and a role if one is named', () => {
    assert.deepEqual(parseTeam(['ann', 'ben=storage'], script), [{ name: 'ann' }, { name: 'ben', role: 'storage' }])
  })
  const rows: readonly (readonly [string, readonly string[], RegExp])[] = [
    [
      'a name that no user can have',
      ['Ann Lee'],
      /must begin with 1–31 lower-case letters, digits and dashes, not "Ann Lee"/,
    ],
    ['an option of ssh', ['-oProxyCommand=x'], /not "-oProxyCommand"/],
    ['a user of every node', ['root'], /^--person root: the nodes have a user of this name already/],
    ['an unknown role', ['ann=stroage'], /unknown role "stroage"; known roles: storage/],
    ['a person twice', ['ann', 'ann=storage'], /^--person ann is given twice/],
  ]
  it('may have a name for all, on one line', () => {
    assert.equal(parseTeamName('Night shift'), 'Night shift')
    for (const text of ['', ' a', 'a\nb', 'x'.repeat(101)]) assert.throws(() => parseTeamName(text), InputError)
  })
  for (const [what, texts, message] of rows)
    it(`are refused: ${what}`, () =>
      assert.throws(
        () => parseTeam(texts, script),
        (error) => error instanceof InputError && message.test(error.message),
      ))
})

describe('the desk of an exercise', () => {
  const reported: string[] = []
  const mailbox = new Mailbox()
  const desk = (state: ObjectiveView['state'], hint?: string): ExerciseDesk => ({
    script,
    mailbox,
    isPaused: false,
    clockLine: '01:00 of 45:00',
    verify: async () => [
      {
        name: 'read',
        state,
        detail: 'compute-2: origin path missing',
        holding: 1,
        claims: [{ about: 'compute-2', state }],
      },
    ],
    hint: () => hint,
    reportCause: (person, text) => void reported.push(`${person}: ${text}`),
  })

  it('shows which objectives hold, and never why one does not', async () => {
    const { text, exitCode } = await answerAtDesk(desk('does not hold'), 'ann', ['verify'])
    assert.equal(text, '✘  does not hold: read\n–  judged at the end: restore\n01:00 of 45:00 on the clock\n')
    assert.equal(exitCode, 1)
    assert.equal((await answerAtDesk(desk('unknown'), 'ann', ['verify'])).exitCode, 1)
    assert.equal((await answerAtDesk(desk('holds'), 'ann', ['verify'])).exitCode, 0)
  })

  it('gives hints until there are no more', async () => {
    assert.equal((await answerAtDesk(desk('holds', 'Look.'), 'ann', ['hint'])).text, 'Look.\n')
    assert.equal((await answerAtDesk(desk('holds'), 'ann', ['hint'])).text, 'There are no more hints.\n')
  })

  it('lists and prints the mail of each person', async () => {
    const ask = async (person: string, ...words: readonly string[]) =>
      (await answerAtDesk(desk('holds'), person, ['mail', ...words])).text
    assert.equal(await ask('ann'), 'The mailbox is empty.\n')
    const at = new Date('2026-11-30T19:22:21Z')
    mailbox.deliver({ clockMs: 61_000, at, from: 'CIO', subject: 'When?', text: 'Now?\n' })
    assert.equal(await ask('ann'), '1 mail, 1 not read\nN   1  01:01  CIO  When?\n')
    assert.match(await ask('ann', '1'), /^From: CIO\nTo: ann\nDate: Mon, 30 Nov 2026 .*\nSubject: When\?\n\nNow\?\n$/)
    assert.equal(await ask('ann'), '1 mail, 0 not read\n    1  01:01  CIO  When?\n')
    assert.match(await ask('ben'), /1 not read/)
    for (const words of [['2'], ['0'], ['-1'], ['x'], ['1', '1']])
      assert.match(await ask('ann', ...words), /^There is no mail/)
  })

  it('takes a report of what is wrong, with any words', async () => {
    const { text, exitCode } = await answerAtDesk(desk('holds'), 'ann', ['report', 'no', 'bind on compute-2'])
    assert.deepEqual([text, exitCode, reported], ['Noted at 01:00 of 45:00.\n', 0, ['ann: no bind on compute-2']])
    assert.equal((await answerAtDesk(desk('holds'), 'ann', ['report'])).exitCode, 2)
    assert.equal(reported.length, 1)
  })

  it('refuses other commands and arguments with its help', async () => {
    for (const words of [['solve'], ['verify', 'all']]) {
      const { text, exitCode } = await answerAtDesk(desk('holds'), 'ann', words)
      assert.equal(exitCode, 2)
      assert.match(text, /Commands:/)
    }
  })
})

describe('the line of an event', () => {
  it('is left out if a look found nothing new', () => {
    const log = new ExerciseLog()
    const look = (text: string) => log.line({ event: 'objective', clockMs: 0, subject: 'read', state: 'unknown', text })
    assert.deepEqual([look('a'), look('a'), look('b')], ['00:00  ? read: a', undefined, '00:00  ? read: b'])
  })

  it('is one line, safe on a terminal', () => {
    const line = new ExerciseLog().line({
      ...{ event: 'command', clockMs: 61_000, person: 'ann', node: 'a/b', exitCode: 1 },
      text: 'echo \x1b[31m\nrm x',
    })
    assert.equal(line, '01:01  ann@a/b: echo \\u001b[31m ⏎ rm x (exit code 1)')
  })
})
