import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { refusalOf } from '../refusal.fixture.ts'
import { listExercises, nodesNamedBy, parseScript, readExercise } from './exercise-file.ts'
import { createExercise } from './new-exercise.ts'
import { playOnPaper } from './play-on-paper.ts'

const shipped = join(import.meta.dirname, '../../exercises')
const project = mkdtempSync(join(tmpdir(), 'dr-drill-exercises-'))
after(() => rmSync(project, { recursive: true }))
const places = { project, shipped }

const small = `title: T
level: easy
briefing: B
objectives:
  - name: all read
    within: 20m
    check: { imagesReadOn: every node }
`

describe('the script of an exercise', () => {
  const rows: readonly (readonly [string, string, string])[] = [
    [
      'an unknown key, with the nearest one',
      `${small}lookat: [x]\n`,
      'f.yaml:8: unknown key `lookat`: did you mean `lookAt`?',
    ],
    [
      'an unknown level',
      small.replace('easy', 'eazy'),
      'f.yaml:2: level: must be one of easy, medium, hard, evil, not "eazy": did you mean easy?',
    ],
    [
      'a wrong duration',
      small.replace('20m', '0m'),
      'f.yaml:6: objectives.0.within: must be longer than 0s and shorter than 285,000 years',
    ],
    [
      'a check with two kinds',
      small.replace('every node }', 'every node, scheduleOf: db }'),
      'f.yaml:7: objectives.0.check: must have exactly one of imagesReadOn, ownerOf, scheduleOf',
    ],
    ['an objective twice', `${small}  - name: all read\n`, 'f.yaml:8: the name "all read" is used twice in objectives'],
    [
      'a hint for an unknown objective',
      `${small}hints: [{ text: x, objective: all red }]\n`,
      'f.yaml:8: unknown objective "all red": did you mean "all read"?',
    ],
    [
      'an inject without an effect',
      `${small}injects: [{ name: x, at: 1m }]\n`,
      'f.yaml:8: injects.0: must have at least one of message, powerCut, reboot',
    ],
    [
      'an inject that waits for an objective without a check',
      `${small}  - name: later\ninjects: [{ name: x, when: { objective: later }, reboot: a }]\n`,
      'f.yaml:9: unknown objective with a check "later"; known: all read',
    ],
    [
      'a broken pattern',
      `${small}injects: [{ name: x, when: { command: "mount (" }, reboot: a }]\n`,
      'f.yaml:8: Invalid regular expression: /mount (/: Unterminated group',
    ],
    [
      'a name that is not a node',
      `${small}injects: [{ name: x, powerCut: "Compute 1" }]\n`,
      'f.yaml:8: injects.0.powerCut: must be a node like compute-1 or recovery/compute-1',
    ],
  ]
  for (const [what, yaml, message] of rows)
    it(`is refused, naming ${what}`, () =>
      assert.equal(
        refusalOf(() => parseScript(yaml, 'f.yaml')),
        message,
      ))

  it('names each of its nodes once', () => {
    const script = parseScript(
      `${small.replace('every node', '[a, b]')}roles: [{ name: r, nodes: [b, c] }]\ninjects: [{ name: x, powerCut: d, reboot: a }]\n`,
      'f.yaml',
    )
    assert.deepEqual(nodesNamedBy(script).toSorted(), ['a', 'b', 'c', 'd'])
  })
})

describe('an exercise', () => {
  const write = (name: string, feature: string, script?: string): void => {
    mkdirSync(join(project, 'features'), { recursive: true })
    writeFileSync(join(project, 'features', `${name}.feature`), feature)
    if (script !== undefined) writeFileSync(join(project, 'features', `${name}.yaml`), script)
  }
  const scenario = (lines: string, tags = '@exercise') => `${tags}\nFeature: F\n  Scenario: S\n${lines}\n`
  const team = '    When the team recovers the site within 5 minutes'

  it('of dr-drill is valid', () => {
    const names = listExercises({ project: join(project, 'none'), shipped }).map(
      (file) => readExercise(file, places).name,
    )
    assert.ok(names.includes('the-page-by-the-book') && names.length >= 2, names.join(', '))
  })

  it('is found by its name, first in the project', () => {
    write('ours', scenario(team), small)
    const { name, project: folder, feature, script } = readExercise('ours', places)
    assert.deepEqual([name, folder, feature, script.title], ['ours', project, 'features/ours.feature', 'T'])
    assert.equal(readExercise('the-page-by-the-book', places).project, shipped)
    assert.match(listExercises(places)[0] ?? '', /ours\.feature$/)
  })

  it('that does not exist is refused with the nearest name', () => {
    assert.match(
      refusalOf(() => readExercise('the-page-by-a-book', places)),
      /Did you mean the-page-by-the-book\?$/,
    )
  })

  it('is refused without its tag, its script, or the step of the team', () => {
    write('untagged', scenario(team, ''), small)
    write('alone', scenario(team))
    write('teamless', scenario('    When every node is rebooted'), small)
    write('twice', scenario(`${team}\n    And the team recovers the site`), small)
    const refusals = ['untagged', 'alone', 'teamless', 'twice'].map((name) =>
      refusalOf(() => readExercise(`features/${name}.feature`, places)),
    )
    assert.match(refusals[0] ?? '', /does not have the tag @exercise/)
    assert.match(refusals[1] ?? '', /alone\.yaml does not exist/)
    assert.match(refusals[2] ?? '', /exactly once, and has it 0 times/)
    assert.match(refusals[3] ?? '', /exactly once, and has it 2 times/)
  })

  it('that exercise new has written is valid, and is not overwritten', () => {
    assert.deepEqual(createExercise('fresh', places), ['exercises/fresh.feature', 'exercises/fresh.yaml'])
    assert.equal(readExercise('fresh', places).feature, 'exercises/fresh.feature')
    assert.match(
      refusalOf(() => createExercise('fresh', places)),
      /^nothing was written, because these files exist: exercises\/fresh\.feature, exercises\/fresh\.yaml$/,
    )
    assert.match(
      refusalOf(() => createExercise('../fresh', places)),
      /must be lower-case letters, digits and dashes, not "\.\.\/fresh"/,
    )
  })

  it('is played on paper with its timeline in order, and its hidden checks', () => {
    write(
      'timed',
      scenario(`    Given site "a" is lost\n${team}\n    Then every restore fails`),
      `${small}injects:
  - { name: late, at: 10m, reboot: a }
  - { name: early, at: 90s, powerCut: b }
  - { name: seen, when: { command: mount }, message: { from: CIO, subject: Hm, text: x } }
hints: [{ text: "look\\nhere", price: 2m }]
`,
    )
    const lines = playOnPaper(readExercise('timed', places))
    const at = (text: string): number => lines.findIndex((line) => line.includes(text))
    assert.ok(at('early (b loses its power)') < at('late (a is rebooted)'), lines.join('\n'))
    assert.ok(at('Given site "a" is lost') < at('Judged after') && at('Judged after') < at('Then every restore fails'))
    assert.ok(lines.includes('  when a command matches /mount/: seen (message from CIO: Hm)'))
    assert.ok(lines.includes('  look here (+2m)'))
  })
})
