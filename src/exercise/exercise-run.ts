import type { Drill } from '../drill/drill.ts'
import type { Run } from '../drill/run-context.ts'
import { InputError } from '../errors.ts'
import type { ExerciseEnd, ExerciseRecord } from '../journal/journal.ts'
import type { Rehearsal } from '../rehearsal/rehearsal.ts'
import { longDuration } from '../text/duration.ts'
import { answerAtDesk, type TeamMessage } from './desk.ts'
import { clockText, ExerciseClock } from './exercise-clock.ts'
import { ExerciseDiary } from './exercise-diary.ts'
import { type ExerciseScript, type InjectScript, msOf } from './exercise-schema.ts'
import { Injects } from './injects.ts'
import { judgeNow, nodesOfCheck, type ObjectiveView, type ObservedSite } from './live-objectives.ts'
import { LookSchedule } from './look-schedule.ts'
import { NodeKeeper } from './node-keeper.ts'
import { admit, type TeamMember } from './participants.ts'
import type { GatewayListener } from './recorded-session.ts'
import { TeamAccess } from './team-access.ts'

const tickMs = 250

export interface ExerciseOptions {
  readonly script: ExerciseScript
  readonly team: readonly TeamMember[]
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

/** What exists while the clock runs. */
interface Play {
  readonly rehearsal: Rehearsal
  readonly site: ObservedSite
  readonly access: TeamAccess
  readonly keeper: NodeKeeper
}

/** One execution of an exercise: the clock, the events, and what the facilitator and the participants can do. */
export class ExerciseRun {
  readonly script: ExerciseScript
  readonly clock = new ExerciseClock()
  readonly injects: Injects
  readonly messages: TeamMessage[] = []
  readonly diary = new ExerciseDiary()
  readonly #options: ExerciseOptions
  readonly #run: Run
  readonly #ended = Promise.withResolvers<{ readonly end: ExerciseEnd; readonly why?: string }>()
  #record: (record: Omit<ExerciseRecord, 'clockMs'>) => void = () => {}
  /** Undefined until the clock runs. */
  #play: Play | undefined
  #limitMs: number | undefined
  #views: readonly ObjectiveView[] = []
  #looking: Promise<void> | undefined
  readonly #schedule = new LookSchedule()
  #hints = 0
  /** True if a command has ended since the last look. */
  #hasCommands = false
  #isOver = false

  constructor(run: Run, options: ExerciseOptions) {
    this.#run = run
    this.#options = options
    this.script = options.script
    this.injects = new Injects(options.script.injects)
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
    return this.#views
  }

  get hintsTaken(): number {
    return this.#hints
  }

  get isPaused(): boolean {
    return !this.clock.isRunning && this.#play !== undefined
  }

  /** True from the beginning of the clock until the team has finished. */
  get isRunning(): boolean {
    return this.#play !== undefined && !this.#isOver
  }

  /**
   * Lets the team work, until the facilitator ends the exercise, the time is up, or all objectives hold.
   * @throws InputError if the script names a node, a workload or a user that the lab does not have
   */
  async play(drill: Drill, rehearsal: Rehearsal, limitMs?: number): Promise<void> {
    const { site } = rehearsal
    if (this.#play !== undefined) throw new InputError('an exercise has one time for its team, not two')
    this.#checkScript(rehearsal)
    this.#limitMs = limitMs
    this.#record = (record) => {
      const complete = { ...record, clockMs: this.clock.ms }
      drill.journal.append({ kind: 'exercise', ...complete })
      this.diary.take(complete)
    }
    const { script, team, listen } = this.#options
    await Promise.all(site.nodes.map((node) => admit(node, team)))
    await rehearsal.recovery.asOperator([site.appliance], async () => {
      await using access = await TeamAccess.open({
        ...{ run: this.#run.id, script, team, nodes: site.nodes, listener: this.#listener() },
        ...(listen !== undefined && { listen }),
        ...(limitMs !== undefined && { limit: longDuration(limitMs) }),
        recordings: this.#run.file('recordings'),
        desk: (person, words) => answerAtDesk(this, person, words),
      })
      using keeper = new NodeKeeper(site.nodes, {
        onRestart: (node, text) => this.#record({ event: 'node restarted', node, text }),
        onProblem: (text) => this.#record({ event: 'problem', text }),
      })
      const observed = { nodes: site.nodes, appliance: site.appliance, looks: rehearsal.sideLooks }
      this.#views = await judgeNow(script.objectives, observed)
      this.#play = { rehearsal, site: observed, access, keeper }
      this.clock.run()
      this.#begin()
      await this.#options.onReady(access.folders)
      await this.#untilEnd(this.#play, drill.signal)
    })
    drill.signal.throwIfAborted()
  }

  async #untilEnd({ site, access, keeper }: Play, signal: AbortSignal): Promise<void> {
    const ticking = setInterval(() => this.#tick(), tickMs)
    const abort = (): void => this.callOff((signal.reason as Error).message)
    signal.addEventListener('abort', abort, { once: true })
    const { end, why } = await this.#ended.promise
    this.#isOver = true
    clearInterval(ticking)
    signal.removeEventListener('abort', abort)
    this.clock.pause()
    access.gateway.announce('The exercise has ended.')
    if (!signal.aborted) {
      await keeper.settle()
      await this.#looking
      this.#takeViews(await judgeNow(this.script.objectives, site), true, true)
    }
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
    if (this.#play !== undefined) this.#play.access.gateway.isPaused = true
    this.#record({ event: 'paused' })
    this.#play?.access.gateway.announce('The exercise is paused. Please wait.')
  }

  resume(): void {
    if (!this.isRunning || !this.isPaused) return
    this.clock.run()
    if (this.#play !== undefined) this.#play.access.gateway.isPaused = false
    this.#record({ event: 'resumed' })
    this.#play?.access.gateway.announce('The exercise goes on.')
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
    this.messages.push({ clockMs: this.clock.ms, from, subject, text })
    this.#record({ event: 'message', subject, text: `${from}: ${subject}` })
    this.#play?.access.gateway.announce(`Message from ${from}: ${subject}\n${text.trim()}`)
  }

  /** Cuts the power of a node, and starts it again. @throws InputError for an unknown node */
  async cutPower(node: string): Promise<void> {
    await this.#play?.keeper.cutPower(this.#play.rehearsal.node(node))
  }

  // The participants

  /** Gives the next hint, and moves the clock forward by its price. Undefined if there are no more. */
  hint(person?: string): string | undefined {
    const next = this.script.hints[this.#hints]
    if (next === undefined || !this.isRunning) return undefined
    this.#hints++
    const priceMs = msOf(next.price)
    if (priceMs !== undefined) this.clock.moveForward(priceMs)
    this.#record({
      event: 'hint',
      subject: `${this.#hints}`,
      text: next.text.trim(),
      ...(person !== undefined && { person }),
      ...(priceMs !== undefined && { priceMs }),
    })
    const price = priceMs === undefined ? '' : ` The clock moves forward by ${longDuration(priceMs)}.`
    const text = `Hint ${this.#hints} of ${this.script.hints.length}:${price}\n${next.text.trim()}`
    if (person === undefined) this.#play?.access.gateway.announce(text)
    return text
  }

  /** Judges the objectives as they are now, for a participant or the facilitator. */
  async verify(person?: string): Promise<readonly ObjectiveView[]> {
    if (person !== undefined) this.#record({ event: 'verified', person })
    // A look that is under way may have begun before the last change.
    await this.#looking
    return await this.#look()
  }

  // The exercise itself

  #checkScript(rehearsal: Rehearsal): void {
    const { site, sideLooks } = rehearsal
    for (const { check } of this.script.objectives) {
      if (check?.ownerOf !== undefined) {
        sideLooks.requireWorkload(check.ownerOf.workload)
        sideLooks.ownerIds(check.ownerOf)
      }
      if (check?.scheduleOf !== undefined) sideLooks.requireWorkload(check.scheduleOf)
      if (check?.imagesReadOn !== undefined && nodesOfCheck(check.imagesReadOn, site.nodes).length === 0)
        throw new InputError(`no node of site ${site.plan.name} is named by imagesReadOn`)
    }
  }

  #begin(): void {
    const { title, objectives, lookAt } = this.script
    this.#record({
      event: 'began',
      text: title,
      people: this.#options.team.map(({ name, role }) => (role === undefined ? name : `${name} (${role})`)),
      objectives: objectives.map(({ name, within, check }) => {
        const withinMs = msOf(within)
        return { name, ...(withinMs !== undefined && { withinMs }), isJudgedLive: check !== undefined }
      }),
      lookAt,
      ...(this.#limitMs !== undefined && { limitMs: this.#limitMs }),
    })
    for (const view of this.#views) this.#recordView(view)
  }

  #listener(): GatewayListener {
    return {
      onBegin: ({ person, node, recording }) =>
        this.#record({ event: 'session began', person, node, subject: recording }),
      onEnd: ({ person, node, recording }, exitCode) =>
        this.#record({ event: 'session ended', person, node, subject: recording, exitCode }),
      onCommand: ({ person, node, recording }, command) => {
        this.diary.commandBegan(recording, person, node, command)
        for (const inject of this.injects.takeForCommand(command)) void this.#fire(inject)
      },
      onCommandEnd: ({ person, node, recording }, { command, input, output, exitCode }) => {
        this.#record({
          ...{ event: 'command', person, node, subject: recording, text: command, output, exitCode },
          ...(input !== '' && { input }),
        })
        this.#hasCommands = true
        this.#schedule.commandEnded()
      },
      onLoss: ({ person, node, recording }, why) =>
        this.#record({ event: 'recording lost', person, node, subject: recording, text: why }),
    }
  }

  #tick(): void {
    if (this.#isOver || this.isPaused) return
    const { ms } = this.clock
    for (const inject of this.injects.takeDue(ms)) void this.#fire(inject)
    if (this.#limitMs !== undefined && ms >= this.#limitMs)
      this.#ended.resolve({ end: 'time', why: `${longDuration(this.#limitMs)} on the clock` })
    else if (this.#schedule.isDue) void this.#look()
  }

  /** Judges the objectives, and records what has changed. Joins a look that is under way. */
  async #look(): Promise<readonly ObjectiveView[]> {
    if (this.#play === undefined || this.#isOver) return this.#views
    this.#looking ??= this.#lookAt(this.#play.site).finally(() => {
      this.#looking = undefined
    })
    await this.#looking
    return this.#views
  }

  async #lookAt(site: ObservedSite): Promise<void> {
    const startedMs = performance.now()
    // The review assigns what a look finds to the commands before it.
    const isAfterCommand = this.#hasCommands
    this.#hasCommands = false
    const views = await judgeNow(this.script.objectives, site)
    this.#schedule.looked(performance.now() - startedMs)
    this.#takeViews(views, isAfterCommand)
    const isMet = views.length > 0 && views.every(({ state }) => state === 'holds')
    if (isMet && this.#options.endsWhenMet) this.#ended.resolve({ end: 'objectives met' })
  }

  #takeViews(views: readonly ObjectiveView[], isRecorded: boolean, isLast = false): void {
    const before = new Map(this.#views.map((view) => [view.name, view]))
    this.#views = views
    for (const view of views) {
      const last = before.get(view.name)
      if (isRecorded || last?.state !== view.state || last.detail !== view.detail) this.#recordView(view)
      if (view.state === 'holds' && last?.state !== 'holds' && !isLast)
        for (const inject of this.injects.takeForObjective(view.name)) void this.#fire(inject)
    }
  }

  #recordView({ name, state, detail, holding }: ObjectiveView): void {
    this.#record({ event: 'objective', subject: name, state, holding, text: detail })
  }

  async #fire({ name, message, powerCut, reboot }: InjectScript): Promise<void> {
    this.#record({ event: 'inject', subject: name, text: 'fired' })
    if (message !== undefined) this.say(message.from, message.subject, message.text)
    const play = this.#play
    if (play === undefined) return
    try {
      if (powerCut !== undefined) await play.keeper.cutPower(play.rehearsal.node(powerCut))
      if (reboot !== undefined) await play.keeper.reboot(play.rehearsal.node(reboot))
    } catch (error) {
      this.#record({ event: 'problem', text: `inject "${name}": ${(error as Error).message}` })
    }
  }

  /** The clock as text, with the limit. */
  get clockLine(): string {
    return `${clockText(this.clock.ms)}${this.#limitMs === undefined ? '' : ` of ${clockText(this.#limitMs)}`}`
  }
}
