import type { Drill } from '../drill/drill.ts'
import type { Run } from '../drill/run-context.ts'
import type { Rehearsal } from '../rehearsal/rehearsal.ts'
import type { ExerciseFiles } from './exercise-file.ts'
import { ExerciseRun } from './exercise-run.ts'
import type { ExerciseScript } from './exercise-schema.ts'

export interface PracticeOptions {
  readonly files: ExerciseFiles
  /** Called once the site is broken and can be entered, with the folder of the person and the nodes. */
  readonly onReady: (folder: string, nodes: readonly string[]) => Promise<void>
}

/** The name of the person who practices. */
const person = 'team'

/** The broken site of an exercise, to practice on: without a time limit, events, prices and an end of its own. */
export class Practice extends ExerciseRun {
  #nodes: readonly string[] = []

  constructor(run: Run, { files, onReady }: PracticeOptions) {
    super(run, {
      files: { ...files, script: withoutClock(files.script) },
      team: [{ name: person }],
      endsWhenMet: false,
      onReady: (folders) => onReady(folders.get(person) ?? '', this.#nodes),
    })
  }

  /** Lets a person work until the run is aborted. The limit of the scenario does not count. */
  override async play(drill: Drill, rehearsal: Rehearsal): Promise<void> {
    this.#nodes = rehearsal.site.nodes.map(({ where }) => where)
    await super.play(drill, rehearsal)
  }
}

function withoutClock(script: ExerciseScript): ExerciseScript {
  return {
    ...script,
    objectives: script.objectives.map(({ within: _within, ...objective }) => objective),
    hints: script.hints.map(({ price: _price, ...hint }) => hint),
    injects: [],
  }
}
