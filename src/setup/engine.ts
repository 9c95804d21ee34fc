import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { setTimeout as delay } from 'node:timers/promises'
import { MachineError } from '../errors.ts'
import { invocation } from '../localhost/invocation.ts'
import { CommandError, describeResult, type Shell } from '../shell/shell.ts'
import { ask, type Endpoint, endpoints } from './endpoint.ts'
import { canInstall, installCommand, installPackages } from './packages.ts'
import type { Say, Step } from './step.ts'

/** What the distribution calls its container engine; iptables is only recommended by it, and it does not start without. */
const packages = ['docker.io', 'iptables'] as const

/** How the engine is started where no service manager does it. */
export interface Daemon {
  readonly endpoint: Endpoint
  readonly logFile: string
  readonly deadlineMs: number
  /** For one beside the machine's own: another socket, another folder for its data. */
  readonly args: readonly string[]
}

const systemDaemon: Daemon = {
  endpoint: { address: 'unix:///var/run/docker.sock', isGiven: false },
  logFile: '/var/log/dockerd.log',
  deadlineMs: 60_000,
  args: [],
}

/** The step that ends with a container engine that answers. */
export function engineStep(shell: Shell): Step {
  return {
    name: 'container engine',
    isDone: findEngine,
    announce: async () =>
      isInstalled() ? 'it is installed and does not answer: starting it' : 'none answers: one has to be installed',
    do: async (report) => {
      if (!isInstalled()) await installPackages(shell, packages, 'to have a container engine', report)
      // The package may have started it.
      return (await findEngine()) ?? startEngine(shell, report)
    },
  }
}

/**
 * Says which engine answers and where; undefined when none does.
 * @throws InputError for a malformed DOCKER_HOST
 * @throws MachineError when one is there and none for us, or when the one that was named does not answer
 */
export async function findEngine(places: readonly Endpoint[] = endpoints()): Promise<string | undefined> {
  let denied: MachineError | undefined
  for (const endpoint of places) {
    const answer = await ask(endpoint)
    if (answer.kind === 'answers') return `version ${answer.version} answers at ${endpoint.address}`
    // A user who may not use that of the machine may have one of his own.
    if (answer.kind === 'denied')
      denied ??= new MachineError(
        'engine-denied',
        `this user may not use the container engine at ${endpoint.address}`,
        {
          remedy: 'sudo usermod -aG docker "$USER"   (then log in again)',
        },
      )
    else if (endpoint.isGiven)
      throw new MachineError(
        'engine-silent',
        `DOCKER_HOST is ${endpoint.address}, and nothing answers: ${answer.why}`,
        {
          remedy: 'start that engine, or unset DOCKER_HOST to use the one of this machine',
        },
      )
  }
  if (denied !== undefined) throw denied
  return undefined
}

function isInstalled(): boolean {
  return ['/usr/bin/dockerd', '/usr/sbin/dockerd', '/usr/local/bin/dockerd'].some((path) => existsSync(path))
}

/** Starts the engine that is installed. @throws MachineError with the remedy, and the end of its log if it failed */
async function startEngine(shell: Shell, report: Say): Promise<string> {
  const hasSystemd = existsSync('/run/systemd/system')
  if (process.getuid?.() !== 0)
    throw new MachineError('engine-silent', 'the container engine is installed and does not run', {
      remedy: hasSystemd ? 'sudo systemctl start docker' : 'sudo service docker start',
    })
  if (!hasSystemd) return startDaemon(shell, systemDaemon, report)
  report('systemctl start docker')
  try {
    await shell.run(['systemctl', 'start', 'docker'], { deadlineMs: 90_000 })
  } catch (cause) {
    if (!(cause instanceof CommandError)) throw cause
    const remedy = 'journalctl -u docker -e'
    throw new MachineError('engine-silent', describeResult(cause.result), { cause, remedy })
  }
  return waitForAnswer(systemDaemon, 'journalctl -u docker -e')
}

/**
 * Starts dockerd in a session of its own, so that it stays when we go. One that is still ending keeps a new one from
 * starting, so it is tried again until it answers; where one is starting already, another ends by itself at once.
 */
export async function startDaemon(shell: Shell, daemon: Daemon, report: Say): Promise<string> {
  report(`starting dockerd; its log is ${daemon.logFile}`)
  const script = 'log=$1; shift; setsid --fork dockerd "$@" >>"$log" 2>&1 </dev/null'
  const start = () => shell.run({ script, args: [daemon.logFile, ...daemon.args] })
  return waitForAnswer(daemon, `tail ${daemon.logFile}`, start)
}

const startAgainAfterMs = 5_000

async function waitForAnswer(daemon: Daemon, remedy: string, start?: () => Promise<unknown>): Promise<string> {
  const { endpoint, logFile, deadlineMs } = daemon
  const giveUpAtMs = Date.now() + deadlineMs
  let startAtMs = 0
  for (;;) {
    if (start !== undefined && Date.now() > startAtMs) {
      await start()
      startAtMs = Date.now() + startAgainAfterMs
    }
    const answer = await ask(endpoint)
    if (answer.kind === 'answers') return `version ${answer.version} answers at ${endpoint.address}`
    if (Date.now() > giveUpAtMs) {
      const log = await readFile(logFile, 'utf8').catch(() => '')
      const end = log.trimEnd().split('\n').slice(-15).join('\n')
      const message = `the container engine was started and did not answer within ${deadlineMs / 1000} s\n${end}`
      throw new MachineError('engine-silent', message.trimEnd(), { remedy })
    }
    await delay(200)
  }
}

/** What a person does where we may not: shown by doctor. */
export function engineRemedy(): string {
  return canInstall() ? `${invocation} setup` : installCommand(packages)
}
