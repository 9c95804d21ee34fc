import { existsSync, globSync, readFileSync, statSync } from 'node:fs'
import { basename, dirname, join, relative, resolve } from 'node:path'
import { InputError } from '../errors.ts'
import { checkFile, type Written } from '../input/check-file.ts'
import { nearest } from '../input/nearest.ts'
import { type ExerciseScript, exerciseSchema } from './exercise-schema.ts'

/** An exercise as its two files describe it. */
export interface ExerciseFiles {
  /** The name in `exercise list`: that of the files without their endings. */
  readonly name: string
  /** The folder that the feature is run in: the project, or the folder of the feature. */
  readonly project: string
  /** The feature, relative to that folder. */
  readonly feature: string
  /** The script, for messages. */
  readonly source: string
  readonly script: ExerciseScript
  /** The script as it is written. */
  readonly yaml: string
  /** The steps of the scenario, as written. */
  readonly steps: readonly string[]
}

/** Where exercises are searched. */
export interface ExercisePlaces {
  /** The folder of the project. */
  readonly project: string
  /** The folder of the exercises that belong to dr-drill. */
  readonly shipped: string
}

const tag = /^\s*(?:@\S+\s+)*@exercise(?:\s|$)/m
const teamStep = /^\s*(?:When|And|\*)\s+the team recovers the site\b.*$/gm

/** The features of a project with the tag and a script, and those that belong to dr-drill. Those of the project come first. */
export function listExercises(places: ExercisePlaces): readonly string[] {
  return [
    ...featuresIn(places.project, '{exercises,features}/**/*.feature'),
    ...(resolve(places.project, 'exercises') === resolve(places.shipped)
      ? []
      : featuresIn(places.shipped, '**/*.feature')),
  ]
}

function featuresIn(folder: string, pattern: string): readonly string[] {
  return globSync(pattern, { cwd: folder, exclude: ['**/node_modules'] })
    .map((file) => join(folder, file))
    .filter((file) => tag.test(readFileSync(file, 'utf8')) && existsSync(scriptOf(file)))
    .sort()
}

const scriptOf = (feature: string): string => feature.replace(/\.feature$/, '.yaml')
const nameOf = (feature: string): string => basename(feature, '.feature')

/**
 * Reads an exercise.
 * @param text a feature, or the name of an exercise as `exercise list` prints it
 * @throws InputError that names each wrong place
 */
export function readExercise(text: string, places: ExercisePlaces): ExerciseFiles {
  const feature = findFeature(text, places)
  const shown = relative(places.project, feature).startsWith('..') ? feature : relative(places.project, feature)
  const content = readFile(feature, shown)
  if (!tag.test(content))
    throw new InputError(`${shown} is not an exercise: its feature does not have the tag @exercise`)
  const teams = content.match(teamStep) ?? []
  if (teams.length !== 1)
    throw new InputError(
      `${shown} must have the step "the team recovers the site" exactly once, and has it ${teams.length} times`,
    )
  const script = scriptOf(feature)
  const source = shown.replace(/\.feature$/, '.yaml')
  if (!existsSync(script))
    throw new InputError(`${shown} has no script: ${source} does not exist`, {
      remedy: 'Write one beside it, with a title, a level, a briefing and objectives: see docs/exercises.md.',
    })
  const isOfProject = !relative(places.project, feature).startsWith('..')
  const yaml = readFile(script, source)
  const project = isOfProject ? resolve(places.project) : dirname(feature)
  return {
    name: nameOf(feature),
    project,
    feature: relative(project, feature),
    source,
    script: parseScript(yaml, source),
    yaml,
    steps: stepsIn(content),
  }
}

function findFeature(text: string, places: ExercisePlaces): string {
  const path = resolve(places.project, text)
  if (statSync(path, { throwIfNoEntry: false })?.isFile() === true) {
    if (path.endsWith('.feature')) return path
    throw new InputError(`${text} is not a feature: its name must end with .feature`)
  }
  const known = listExercises(places)
  const found = known.find((file) => nameOf(file) === text)
  if (found !== undefined) return found
  const meant = nearest(text, known.map(nameOf))
  throw new InputError(
    `no exercise ${JSON.stringify(text)}: neither a feature nor the name of an exercise${meant === undefined ? '' : `. Did you mean ${meant}?`}`,
    { remedy: `Known: ${known.map(nameOf).join(', ') || 'none'}.` },
  )
}

function readFile(path: string, shown: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (cause) {
    throw new InputError(`cannot read ${shown}: ${(cause as Error).message}`, { cause })
  }
}

/**
 * Parses the script of an exercise.
 * @param source the file, for messages
 * @throws InputError with the file and line of each error
 */
export function parseScript(yaml: string, source: string): ExerciseScript {
  const written = checkFile(exerciseSchema, yaml, source)
  const problems = [...twins(written), ...unknownObjectives(written), ...brokenPatterns(written)]
  if (problems.length > 0) throw new InputError(problems.join('\n'))
  return written.value
}

function twins({ value, at }: Written<ExerciseScript>): readonly string[] {
  return (['objectives', 'roles', 'injects'] as const).flatMap((list) => {
    const names = value[list].map(({ name }) => name)
    return names.flatMap((name, index) =>
      names.indexOf(name) === index ? [] : [`${at(list, index)}: the name "${name}" is used twice in ${list}`],
    )
  })
}

function unknownObjectives({ value, at }: Written<ExerciseScript>): readonly string[] {
  const all = value.objectives.map(({ name }) => name)
  const judgedNow = value.objectives.filter(({ check }) => check !== undefined).map(({ name }) => name)
  const problem = (name: string | undefined, place: string, known: readonly string[], kind: string) => {
    if (name === undefined || known.includes(name)) return []
    const meant = nearest(name, known)
    const hint = meant === undefined ? `; known: ${known.join(', ') || 'none'}` : `: did you mean "${meant}"?`
    return [`${place}: unknown ${kind} "${name}"${hint}`]
  }
  return [
    ...value.hints.flatMap(({ objective }, index) => problem(objective, at('hints', index), all, 'objective')),
    ...value.injects.flatMap(({ when }, index) =>
      problem(when?.objective, at('injects', index, 'when'), judgedNow, 'objective with a check'),
    ),
  ]
}

function brokenPatterns({ value, at }: Written<ExerciseScript>): readonly string[] {
  return value.injects.flatMap(({ when }, index) => {
    try {
      new RegExp(when?.command ?? '')
      return []
    } catch (error) {
      return [`${at('injects', index, 'when')}: ${(error as Error).message}`]
    }
  })
}

/** The nodes that a script names, each once. */
export function nodesNamedBy({ roles, injects, objectives }: ExerciseScript): readonly string[] {
  const lists = [...roles.map(({ nodes }) => nodes), ...objectives.map(({ check }) => check?.imagesReadOn ?? [])]
  return [
    ...new Set([
      ...lists.flatMap((one) => (one === 'every node' ? [] : one)),
      ...injects.flatMap(({ powerCut, reboot }) => [powerCut, reboot].filter((one) => one !== undefined)),
    ]),
  ]
}

function stepsIn(feature: string): readonly string[] {
  return feature
    .split('\n')
    .map((one) => one.trim())
    .filter((one) => /^(Given|When|Then|And|But|\*)\s/.test(one))
}
