import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { Command } from 'commander'
import { MachineError } from '../errors.ts'
import { listExercises, readExercise } from '../exercise/exercise-file.ts'
import { findHandOut } from '../exercise/find-hand-out.ts'
import { createExercise } from '../exercise/new-exercise.ts'
import { styleOf } from '../text/style.ts'
import { table } from '../text/table.ts'
import { engineOption } from './engine-option.ts'
import { type ExerciseFlags, playExercise } from './exercise-play.ts'
import { exercisePlaces } from './exercise-suite.ts'
import { repeated } from './repeatable.ts'

const help = `
Breaks a site in a lab, gives each person of the team access over SSH, takes the
time, and judges what they have recovered by its content. It ends when the
facilitator types "done", when the time is up, or when it is called off.
Participants need OpenSSH's client and the folder that is printed for them.

Everything that participants type and see is recorded in the folder of the run.

Examples:
  $ dr-drill exercise list
  $ dr-drill exercise the-page-by-the-book --person ann --person ben
  $ dr-drill exercise exercises/ours.feature --person ann=storage
  $ dr-drill exercise exercises/ours.feature --dry-run
  $ dr-drill exercise ours --person ann --listen 192.0.2.7

Exit codes: 0 recovered in time, 1 not recovered, 2 wrong input, 3 undetermined
(e.g. called off), 130 interrupted.`

/** `exercise`: people recover a broken site, against the clock. */
export function exerciseCommand(): Command {
  return new Command('exercise')
    .argument('<exercise>', 'name as printed by exercise list, or a feature file')
    .option('--person <person>', 'name of a person, or name=role; repeatable (default: team)', repeated)
    .option('--team <name>', 'name of the team, by which history compares exercises')
    .option('--listen <address>', 'address for people on other machines (default: only this one)')
    .option('--end-when-met', 'end as soon as all objectives hold, without a facilitator')
    .option('--dry-run', 'print what would happen, for the facilitator, and start nothing')
    .addOption(engineOption())
    .option('--reports <dir>', 'folder for reports (default: reports)')
    .addHelpText('after', help)
    .action(async (exercise: string, flags: ExerciseFlags) => {
      process.exitCode = await playExercise(readExercise(exercise, exercisePlaces()), flags)
      // A connection that a participant left open must not keep the exercise from exiting.
      setTimeout(() => process.exit(), 2000).unref()
    })
    .addCommand(listCommand())
    .addCommand(newCommand())
    .addCommand(deskCommand('verify', 'show which objectives of a running exercise hold now', '0 all hold, 1 not all'))
    .addCommand(deskCommand('hint', 'show the next hint of a running exercise; it may cost time', '0 hint shown'))
}

function listCommand(): Command {
  return new Command('list')
    .description('list the exercises of this project, and those of dr-drill')
    .option('--json', 'print one JSON object')
    .addHelpText(
      'after',
      '\nExamples:\n  $ dr-drill exercise list\n  $ dr-drill exercise list --json\n\nExit codes: 0 exercises listed, 2 one of them is not valid.',
    )
    .action(({ json }: { json?: true }) => {
      const all = listExercises(exercisePlaces())
        .map((file) => readExercise(file, exercisePlaces()))
        .map(({ name, project, feature, script: { title, level } }) => ({
          name,
          level,
          title,
          feature: join(project, feature),
        }))
      if (json === true) {
        process.stdout.write(`${JSON.stringify({ exercises: all })}\n`)
        return
      }
      const columns = [{ heading: 'exercise' }, { heading: 'level' }, { heading: 'title', overflow: 'wrap' }] as const
      const rows = all.map(({ name, level, title }) => [name, level, title])
      process.stdout.write(`${table(columns, rows, { style: styleOf(process.stdout) }).join('\n')}\n`)
    })
}

function newCommand(): Command {
  return new Command('new')
    .description('write an exercise to edit: a feature and its script')
    .argument('<name>', 'name of the new files in the folder exercises')
    .addHelpText(
      'after',
      '\nExamples:\n  $ dr-drill exercise new our-site\n  $ dr-drill exercise our-site --dry-run\n\nExit codes: 0 files written, 2 wrong name, or a file exists.',
    )
    .action((name: string) => {
      for (const file of createExercise(name, exercisePlaces())) process.stdout.write(`${file}\n`)
    })
}

/** A command that a participant sends to the running exercise. */
function deskCommand(name: string, description: string, codes: string): Command {
  return new Command(name)
    .description(description)
    .option('--dir <dir>', 'folder of the participant (default: the only one here)')
    .addHelpText(
      'after',
      `
The same as: ssh -F DIR/ssh_config exercise ${name}

Examples:
  $ dr-drill exercise ${name}
  $ dr-drill exercise ${name} --dir ann

Exit codes: ${codes}, 2 no such folder, 255 not reachable.`,
    )
    .action(async ({ dir }: { dir?: string }) => {
      const folder = findHandOut(dir)
      const ssh = spawn('ssh', ['-F', 'ssh_config', '-o', 'LogLevel=ERROR', 'exercise', name], {
        cwd: folder,
        stdio: 'inherit',
      })
      const [code] = (await once(ssh, 'exit').catch((cause: Error) => {
        throw new MachineError('no-ssh', `cannot start ssh: ${cause.message}`, {
          cause,
          remedy: "Install OpenSSH's client.",
        })
      })) as [number | null]
      process.exitCode = code ?? 255
    })
}
