import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { setTimeout as delay } from 'node:timers/promises'
import { abortable } from '../concurrency/abortable.ts'
import { MachineError } from '../errors.ts'
import { invocation } from '../localhost/invocation.ts'
import { CommandError, describeResult, type Shell } from '../shell/shell.ts'
import { type Endpoint, endpoints, queryEngine } from './endpoint.ts'
import { canInstallPackages, installCommand, installPackages } from './packages.ts'
import type { PrintLine, SetupStep } from './steps.ts'

/** The container engine's packages in Debian. It only recommends iptables, but does not start without it. */
const packages = ['docker.io', 'iptables'] as const

/** How to start the engine where no service manager starts it. */
export interface Daemon {
  readonly endpoint: Endpoint
  readonly logFile: string
  readonly deadlineMs: number
  /** For a second engine on the machine: another socket, another data folder. */
  readonly args: readonly string[]
}

const systemDaemon: Daemon = {
  endpoint: { address: 'unix:///var/run/docker.sock', isGiven: false },
  logFile: '/var/log/dockerd.log',
  deadlineMs: 60_000,
  args: [],
}

/** The step that provides a container engine that answers. */
export function containerEngineStep(shell: Shell): SetupStep {
  return {
    name: 'container engine',
    check: () => findContainerEngine(),
    announce: async () =>
      isInstalled() ? 'installed, but not answering: starting it' : 'not installed: installing and starting it',
    apply: async (print, signal) => {
      if (!isInstalled()) await installPackages(shell, packages, 'to run labs in containers', print)
      // The package may have started it.
      return (await findContainerEngine()) ?? abortable(startEngine(shell, print), signal)
    },
  }
}

/**
 * Returns the version and address of the engine that answers. Undefined if none does.
 *
 * @throws InputError for a malformed DOCKER_HOST
 * @throws MachineError if this user may not use the engine, or if the engine in DOCKER_HOST does not answer
 */
export async function findContainerEngine(places: readonly Endpoint[] = endpoints()): Promise<string | undefined> {
  let denied: MachineError | undefined
  for (const endpoint of places) {
    const answer = await queryEngine(endpoint)
    if (answer.kind === 'answers') return `version ${answer.version} at ${endpoint.address}`
    // A user who may not use the engine of the machine can have another one.
    if (answer.kind === 'denied')
      denied ??= new MachineError(
        'engine-denied',
        `this user may not use the container engine at ${endpoint.address}`,
        {
          remedy: 'Run: sudo usermod -aG docker "$USER". Then log in again.',
        },
      )
    else if (endpoint.isGiven)
      throw new MachineError(
        'engine-silent',
        `DOCKER_HOST is ${endpoint.address}, but no engine answers there: ${answer.why}`,
        {
          remedy: 'Start this engine, or unset DOCKER_HOST to use the engine of this machine.',
        },
      )
  }
  if (denied !== undefined) throw denied
  return undefined
}

function isInstalled(): boolean {
  return ['/usr/bin/dockerd', '/usr/sbin/dockerd', '/usr/local/bin/dockerd'].some((path) => existsSync(path))
}

/** Starts the installed engine. @throws MachineError with the remedy, and with the end of the engine's log if it failed */
async function startEngine(shell: Shell, print: PrintLine): Promise<string> {
  const hasSystemd = existsSync('/run/systemd/system')
  if (process.getuid?.() !== 0)
    throw new MachineError('engine-silent', 'the container engine is installed, but not running', {
      remedy: hasSystemd ? 'sudo systemctl start docker' : 'sudo service docker start',
    })
  if (!hasSystemd) return startDaemon(shell, systemDaemon, print)
  print('running: systemctl start docker')
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
 * Starts dockerd in its own session, so that it outlives this process. Starts it again until it answers: a daemon that
 * is still exiting prevents a new one from starting. A second daemon exits at once if the first is starting.
 */
export async function startDaemon(shell: Shell, daemon: Daemon, print: PrintLine): Promise<string> {
  print(`starting dockerd (log: ${daemon.logFile})`)
  const script = 'log=$1; shift; setsid --fork dockerd "$@" >>"$log" 2>&1 </dev/null'
  const start = () => shell.run({ script, args: [daemon.logFile, ...daemon.args] })
  return waitForAnswer(daemon, `tail ${daemon.logFile}`, start)
}

const startAgainAfterMs = 5_000

async function waitForAnswer(daemon: Daemon, remedy: string, start?: () => Promise<unknown>): Promise<string> {
  const { endpoint, logFile, deadlineMs } = daemon
  const deadlineAtMs = Date.now() + deadlineMs
  let startAtMs = 0
  for (;;) {
    if (start !== undefined && Date.now() > startAtMs) {
      await start()
      startAtMs = Date.now() + startAgainAfterMs
    }
    const answer = await queryEngine(endpoint)
    if (answer.kind === 'answers') return `version ${answer.version} at ${endpoint.address}`
    if (Date.now() > deadlineAtMs) {
      const log = await readFile(logFile, 'utf8').catch(() => '')
      const end = log.trimEnd().split('\n').slice(-15).join('\n')
      const message = `timed out after ${deadlineMs / 1000} s waiting for the container engine to answer\n${end}`
      throw new MachineError('engine-silent', message.trimEnd(), { remedy })
    }
    await delay(200)
  }
}

/** Returns the remedy that `doctor` shows for a missing engine. */
export function containerEngineRemedy(): string {
  return canInstallPackages() ? `${invocation} setup --engine container` : installCommand(packages)
}
