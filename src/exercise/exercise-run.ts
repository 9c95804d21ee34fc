import type { Drill } from '../drill/drill.ts'
import type { Run } from '../drill/run-context.ts'
import { InputError } from '../errors.ts'
import type { ExerciseEnd } from '../journal/journal.ts'
import type { Rehearsal } from '../rehearsal/rehearsal.ts'
import { longDuration } from '../text/duration.ts'
import { teamFinishes } from '../verdict/claim/exercise-claims.ts'
import { answerAtDesk } from './desk.ts'
import { clockText, ExerciseClock } from './exercise-clock.ts'
import { ExerciseDiary } from './exercise-diary.ts'
import type { ExerciseFiles } from './exercise-file.ts'
import { beginningOf, recordOfView, type UntimedRecord } from './exercise-records.ts'
import type { ExerciseScript, InjectScript } from './exercise-schema.ts'
import { Hints } from './hints.ts'
import { Injects } from './injects.ts'
import type { ObjectiveView } from './live-objectives.ts'
import { Mailbox } from './mailbox.ts'
import { participantState } from './participant-state.ts'
import type { TeamMember } from './participants.ts'
import { requireSiteOf } from './site-of-script.ts'
import { TeamWork } from './team-work.ts'

const tickMs = 250

export interface ExerciseOptions {
  readonly files: Pick<ExerciseFiles, 'name' | 'source' | 'yaml' | 'script'>
  readonly team: readonly TeamMember[]
  /** Undefined for a team without a name. */
  readonly teamName?: string
  /** The address for participants. Undefined for those on this machine. */
  readonly listen?: string
  /** True to end as soon as all objectives that can be judged at any time hold. */
  readonly endsWhenMet: boolean
  /** Called once the participants can begin, with the folder of each. */
  readonly onReady: (folders: ReadonlyMap<string, string>) => Promise<void>
}

const exercises = new WeakMap<Run, ExerciseRun>()

/** Returns the exercise of a run. Undefined for a run without a team. */
export function exerciseOf(run: Run): ExerciseRun | undefined {
  return exercises.get(run)
}

/** One execution of an exercise: the clock, the events, and what the facilitator and the participants can do. */
export class ExerciseRun {
  readonly script: ExerciseScript
  readonly clock = new ExerciseClock()
  readonly injects: Injects
  readonly hints: Hints
  readonly mailbox = new Mailbox()
  readonly diary = new ExerciseDiary()
  readonly #options: ExerciseOptions
  readonly #run: Run
  readonly #ended = Promise.withResolvers<{ readonly end: ExerciseEnd; readonly why?: string }>()
  #record: (record: UntimedRecord) => void = () => {}
  /** Undefined until the clock runs. */
  #work: TeamWork | undefined
  #limitMs: number | undefined
  #isOver = false
  #isCalledOff = false

  constructor(run: Run, options: ExerciseOptions) {
    this.#run = run
    this.#options = options
    this.script = options.files.script
    this.injects = new Injects(this.script.injects)
    this.hints = new Hints(this.script.hints)
    exercises.set(run, this)
  }

  get team(): readonly TeamMember[] {
    return this.#options.team
  }

  get limitMs(): number | undefined {
    return this.#limitMs
  }

  /** The objectives that can be judged at any time, as the last look found them. */
  get views(): readonly ObjectiveView[] {
    return this.#work?.watch.views ?? []
  }

  get isPaused(): boolean {
    return !this.clock.isRunning && this.#work !== undefined
  }

  /** True from the beginning of the clock until the team has finished. */
  get isRunning(): boolean {
    return this.#work !== undefined && !this.#isOver
  }

  /**
   * Lets the team work, until the facilitator ends the exercise, the time is up, or all objectives hold.
   * @throws InputError if the script names a node, a workload or a user that the lab does not have
   * @throws VerdictError if the exercise was called off
   */
  async play(drill: Drill, rehearsal: Rehearsal, limitMs?: number): Promise<void> {
    if (this.#work !== undefined) throw new InputError('an exercise has one time for its team, not two')
    requireSiteOf(this.script, rehearsal)
    this.#limitMs = limitMs
    this.#record = (record) => {
      const complete = { ...record, clockMs: this.clock.ms }
      drill.journal.append({ kind: 'exercise', ...complete })
      this.diary.take(complete)
    }
    const { files, team, teamName } = this.#options
    await rehearsal.recovery.asOperator([rehearsal.site.appliance], async () => {
      await using work = await this.#open(rehearsal)
      this.#work = work
      this.clock.run()
      this.#record(beginningOf(files, { people: team, ...(teamName !== undefined && { name: teamName }) }, limitMs))
      for (const view of work.watch.views) this.#record(recordOfView(view))
      await this.#options.onReady(work.folders)
      await this.#untilEnd(work, drill.signal)
    })
    drill.signal.throwIfAborted()
    // What a team has left unfinished is not judged.
    if (this.#isCalledOff) drill.judge(teamFinishes, {})
  }

  async #open(rehearsal: Rehearsal): Promise<TeamWork> {
    const { script } = this
    const { team, listen, endsWhenMet } = this.#options
    return await TeamWork.open(rehearsal, {
      ...{ run: this.#run.id, script, team },
      ...(listen !== undefined && { listen }),
      ...(this.#limitMs !== undefined && { limit: longDuration(this.#limitMs) }),
      recordings: this.#run.file('recordings'),
      desk: (person, words) => answerAtDesk(this, person, words),
      stateFor: (person) => participantState(this, person),
      record: (record) => this.#record(record),
      onCommand: ({ person, node, recording }, command) => {
        this.diary.commandBegan(recording, person, node, command)
        this.#fireAll(this.injects.takeForCommand(command))
      },
      onMet: (objective) => this.#fireAll(this.injects.takeForObjective(objective)),
      onAllMet: () => {
        if (endsWhenMet) this.#ended.resolve({ end: 'objectives met' })
      },
    })
  }

  async #untilEnd(work: TeamWork, signal: AbortSignal): Promise<void> {
    const ticking = setInterval(() => this.#tick(work), tickMs)
    const abort = (): void => this.callOff((signal.reason as Error).message)
    signal.addEventListener('abort', abort, { once: true })
    const { end, why } = await this.#ended.promise
    this.#isOver = true
    this.#isCalledOff = end === 'called off'
    clearInterval(ticking)
    signal.removeEventListener('abort', abort)
    this.clock.pause()
    work.gateway.announce('The exercise has ended.')
    if (!signal.aborted) await work.lookAtLast()
    this.#record({ event: 'ended', end, ...(why !== undefined && { text: why }) })
  }

  // The facilitator

  /** Ends the work of the team, and lets the steps after it judge the site. */
  done(): void {
    this.#ended.resolve({ end: 'done' })
  }

  callOff(why?: string): void {
    this.#ended.resolve({ end: 'called off', ...(why !== undefined && { why }) })
  }

  pause(): void {
    if (!this.isRunning || this.isPaused) return
    this.clock.pause()
    if (this.#work !== undefined) this.#work.gateway.isPaused = true
    this.#record({ event: 'paused' })
    this.#work?.gateway.announce('The exercise is paused. Please wait.')
  }

  resume(): void {
    if (!this.isRunning || !this.isPaused) return
    this.clock.run()
    if (this.#work !== undefined) this.#work.gateway.isPaused = false
    this.#record({ event: 'resumed' })
    this.#work?.gateway.announce('The exercise goes on.')
  }

  /** Fires an inject by its name or number, or else the next one. Returns false if it does not wait. */
  fire(choice?: string): boolean {
    const inject = this.injects.take(choice, 'fired')
    if (inject !== undefined) void this.#fire(inject)
    return inject !== undefined
  }

  skip(choice?: string): boolean {
    const inject = this.injects.take(choice, 'skipped')
    if (inject !== undefined) this.#record({ event: 'inject', subject: inject.name, text: 'skipped' })
    return inject !== undefined
  }

  /** Writes to all participants. */
  say(from: string, subject: string, text: string): void {
    this.mailbox.deliver({ clockMs: this.clock.ms, at: new Date(), from, subject, text })
    this.#work?.deliver(this.mailbox)
    this.#record({ event: 'message', subject, text: `${from}: ${subject}`, body: text.trim() })
    this.#work?.gateway.announce(`Mail from ${from}: ${subject}\n${text.trim()}`)
  }

  /** Cuts the power of a node, and starts it again. @throws InputError for an unknown node */
  async cutPower(node: string): Promise<void> {
    await this.#work?.cutPower(node)
  }

  // The participants

  /** Gives the next hint, and moves the clock forward by its price. Undefined if there are no more. */
  hint(person?: string): string | undefined {
    const hint = this.isRunning ? this.hints.take() : undefined
    if (hint === undefined) return undefined
    const { number, text, priceMs, shown } = hint
    if (priceMs !== undefined) this.clock.moveForward(priceMs)
    this.#record({
      ...{ event: 'hint', subject: `${number}`, text },
      ...(person !== undefined && { person }),
      ...(priceMs !== undefined && { priceMs }),
    })
    if (person === undefined) this.#work?.gateway.announce(shown)
    return shown
  }

  /** Judges the objectives as they are now, for a participant or the facilitator. */
  async verify(person?: string): Promise<readonly ObjectiveView[]> {
    if (person !== undefined) this.#record({ event: 'verified', person })
    // A look that is under way may have begun before the last change.
    await this.#work?.watch.settle()
    return this.isRunning ? ((await this.#work?.watch.look()) ?? []) : this.views
  }

  /** A participant reports what is wrong: its time is that of the detection. */
  reportCause(person: string, text: string): void {
    this.#record({ event: 'reported', person, text })
  }

  // The exercise itself

  #tick(work: TeamWork): void {
    if (this.#isOver || this.isPaused) return
    const { ms } = this.clock
    this.#fireAll(this.injects.takeDue(ms))
    if (this.#limitMs !== undefined && ms >= this.#limitMs)
      this.#ended.resolve({ end: 'time', why: `${longDuration(this.#limitMs)} on the clock` })
    else if (work.watch.isDue) void work.watch.look()
  }

  #fireAll(injects: readonly InjectScript[]): void {
    for (const inject of injects) void this.#fire(inject)
  }

  async #fire({ name, message, powerCut, reboot }: InjectScript): Promise<void> {
    this.#record({ event: 'inject', subject: name, text: 'fired' })
    if (message !== undefined) this.say(message.from, message.subject, message.text)
    try {
      if (powerCut !== undefined) await this.#work?.cutPower(powerCut)
      if (reboot !== undefined) await this.#work?.reboot(reboot)
    } catch (error) {
      this.#record({ event: 'problem', text: `inject "${name}": ${(error as Error).message}` })
    }
  }

  /** The clock as text, with the limit. */
  get clockLine(): string {
    return `${clockText(this.clock.ms)}${this.#limitMs === undefined ? '' : ` of ${clockText(this.#limitMs)}`}`
  }
}
