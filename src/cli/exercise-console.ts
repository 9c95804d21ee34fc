import { createInterface, type Interface } from 'node:readline'
import { DrillError } from '../errors.ts'
import type { ExerciseRun } from '../exercise/exercise-run.ts'
import { facilitatorCommands, liveState, obeyFacilitator } from '../exercise/facilitator.ts'
import { LivePage } from '../exercise/live-page.ts'
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
  off [REASON]    call the exercise off`

/** The facilitator's commands, one a line, from standard input; and the same on a page. */
export class FacilitatorConsole implements Disposable {
  readonly #exercise: ExerciseRun
  readonly #print: (text: string) => void
  readonly #lines: Interface
  #page: LivePage | undefined

  constructor(exercise: ExerciseRun, print: (text: string) => void) {
    this.#exercise = exercise
    this.#print = print
    this.#lines = createInterface({ input: process.stdin, terminal: false })
    this.#lines.on('line', (line) => {
      void this.#obey(line.trim()).catch((error: Error) => this.#print(describe(error)))
    })
  }

  /** Opens the page, and prints the briefing, and how participants get in. */
  async welcome(folders: ReadonlyMap<string, string>): Promise<void> {
    const exercise = this.#exercise
    this.#page = await LivePage.open({
      state: () => liveState(exercise),
      obey: async (command, argument) => {
        const answer = await obeyFacilitator(exercise, command, argument)
        if (answer === undefined) return `unknown command ${command}`
        return answer.isRefused === true ? answer.text : undefined
      },
    })
    const people = [...folders].map(([name, folder]) => `  ${name}: ${folder}`)
    this.#print(
      [
        '',
        exercise.script.title,
        '',
        printableLines(exercise.script.briefing.trim()),
        '',
        'Folders of the participants, each with briefing.md, ssh_config and a key:',
        ...people,
        '',
        `Your page: ${this.#page.url}`,
        '',
        help,
        '',
      ].join('\n'),
    )
  }

  [Symbol.dispose](): void {
    this.#page?.[Symbol.dispose]()
    this.#lines.close()
    process.stdin.destroy()
  }

  async #obey(line: string): Promise<void> {
    const [, word = '', rest = ''] = /^(\S*)\s*(.*)$/.exec(line) ?? []
    if (word === '') return
    const command = facilitatorCommands.find((one) => one === word || (word.length === 1 && one.startsWith(word)))
    const answer = await obeyFacilitator(this.#exercise, command ?? '', rest === '' ? undefined : rest)
    if (answer?.text !== undefined) this.#print(answer.text)
    if (answer === undefined) this.#print(word === '?' ? help : `Unknown command: ${printable(word)}\n${help}`)
  }
}

function describe(error: Error): string {
  return error instanceof DrillError ? printable(error.message) : printable(`${error.name}: ${error.message}`)
}
