import { createInterface, type Interface } from 'node:readline'
import { DrillError } from '../errors.ts'
import type { ExerciseRun } from '../exercise/exercise-run.ts'
import { injectText } from '../exercise/play-on-paper.ts'
import { printable, printableLines } from '../text/printable.ts'

const help = `Type a command, or its first letter, and press Enter:
  done            the team has finished: judge what it has done
  verify          the objectives as they are now, and what is missing
  hint            give the next hint to all
  injects         list the injects
  fire [N]        fire an inject by its number, or the next one
  skip [N]        skip an inject
  message TEXT    write to all participants
  cut NODE        cut the power of a node, and start it again
  pause, resume   stop the clock, and let it run again
  x [REASON]      call the exercise off`

/** The facilitator's commands, one a line, from standard input. */
export class FacilitatorConsole implements Disposable {
  readonly #exercise: ExerciseRun
  readonly #print: (text: string) => void
  readonly #lines: Interface

  constructor(exercise: ExerciseRun, print: (text: string) => void) {
    this.#exercise = exercise
    this.#print = print
    this.#lines = createInterface({ input: process.stdin, terminal: false })
    this.#lines.on('line', (line) => {
      void this.#obey(line.trim()).catch((error: Error) => this.#print(describe(error)))
    })
  }

  /** Prints the briefing, and how participants get in. */
  welcome(folders: ReadonlyMap<string, string>): void {
    const { script } = this.#exercise
    const people = [...folders].map(([name, folder]) => `  ${name}: ${folder}`)
    this.#print(
      [
        '',
        script.title,
        '',
        printableLines(script.briefing.trim()),
        '',
        'Folders of the participants, each with briefing.md, ssh_config and a key:',
        ...people,
        '',
        help,
        '',
      ].join('\n'),
    )
  }

  [Symbol.dispose](): void {
    this.#lines.close()
    process.stdin.destroy()
  }

  async #obey(line: string): Promise<void> {
    const exercise = this.#exercise
    const [, word = '', rest = ''] = /^(\S*)\s*(.*)$/.exec(line) ?? []
    const argument = rest === '' ? undefined : rest
    switch (word) {
      case '':
        return
      case 'd':
      case 'done':
        exercise.done()
        return
      case 'v':
      case 'verify':
        for (const { name, state, detail } of await exercise.verify())
          this.#print(printable(`${state}: ${name} (${detail})`))
        return
      case 'h':
      case 'hint':
        this.#print(exercise.hint() ?? 'There are no more hints.')
        return
      case 'i':
      case 'injects':
        for (const [index, { script, state }] of exercise.injects.all.entries())
          this.#print(`${index + 1}. ${state}: ${injectText(script)}`)
        return
      case 'f':
      case 'fire':
        if (!exercise.fire(argument)) this.#print('No such inject is waiting.')
        return
      case 's':
      case 'skip':
        if (!exercise.skip(argument)) this.#print('No such inject is waiting.')
        return
      case 'm':
      case 'message':
        if (argument === undefined) this.#print('Type the text after "message".')
        else exercise.say('Facilitator', 'Message', argument)
        return
      case 'c':
      case 'cut':
        if (argument === undefined) this.#print('Type the name of a node after "cut".')
        else await exercise.cutPower(argument)
        return
      case 'p':
      case 'pause':
        exercise.pause()
        return
      case 'r':
      case 'resume':
        exercise.resume()
        return
      case 'x':
        exercise.callOff(argument)
        return
      default:
        this.#print(word === '?' || word === 'help' ? help : `Unknown command: ${printable(word)}\n${help}`)
    }
  }
}

function describe(error: Error): string {
  return error instanceof DrillError ? printable(error.message) : printable(`${error.name}: ${error.message}`)
}
