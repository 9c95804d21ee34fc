import { join } from 'node:path'
import { MachineError } from '../errors.ts'
import { homeFolder } from '../localhost/user.ts'
import { answerFunction, answerIn, answersIn } from '../shell/answers.ts'
import { LocalShell } from '../shell/local.ts'
import { plainEnvironment } from '../shell/login-line.ts'
import { inMountNamespace } from '../shell/mount-namespace.ts'
import { OpensshShell } from '../shell/openssh.ts'
import { guard, programSucceeded, pythonLine } from '../shell/python.ts'
import { rooted } from '../shell/rooted.ts'
import type { Shell } from '../shell/shell.ts'
import { stoppedBy } from '../shell/stopped-by.ts'
import type { HostPlan } from './inventory.ts'

export interface HostOptions {
  /** Wraps the shell, e.g. to record commands. */
  readonly wrapShell?: (shell: Shell) => Shell
  /** Time in which a connection must succeed. Default 30 000. */
  readonly deadlineMs?: number
  /** Configuration file for OpenSSH's client, instead of the inventory's or `~/.ssh/config`. */
  readonly sshConfig?: string
  /** Stops all commands that do not have a signal of their own. */
  readonly signal?: AbortSignal
}

/** A host of an inventory. It is not connected before the first command of its shell. */
export class Host implements AsyncDisposable {
  readonly plan: HostPlan
  readonly where: string
  /** Runs commands as root: by `sudo -n` if needed, unless the inventory has `sudo: never`. */
  readonly shell: Shell
  readonly #connection: OpensshShell | undefined
  #namespace: Promise<string | undefined> | undefined

  constructor(plan: HostPlan, options: HostOptions = {}) {
    this.plan = plan
    this.where = plan.where
    this.#connection = plan.access.kind === 'local' ? undefined : connectionOf(plan, options)
    const entered = this.#connection ?? named(new LocalShell(plainEnvironment(process.env)), plan.where)
    const root = plan.sudo === 'never' ? entered : rooted(entered)
    const shell = options.signal === undefined ? root : stoppedBy(root, options.signal)
    this.shell = options.wrapShell?.(shell) ?? shell
  }

  /**
   * The mount namespace of the product's service, a file like `/proc/4711/ns/mnt`. Undefined if it runs on the host.
   * @throws MachineError if the service does not run, or if there is more than one
   */
  serviceNamespace(): Promise<string | undefined> {
    this.#namespace ??= findNamespace(this).catch((error: unknown) => {
      this.#namespace = undefined
      throw error
    })
    return this.#namespace
  }

  /** Runs commands where the product's service runs, and sees what it sees. @throws like `serviceNamespace` */
  async service(): Promise<Shell> {
    const namespace = await this.serviceNamespace()
    return namespace === undefined ? this.shell : inMountNamespace(this.shell, namespace)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#connection?.[Symbol.asyncDispose]()
  }
}

function connectionOf({ access, where }: HostPlan, { deadlineMs, sshConfig }: HostOptions): OpensshShell | undefined {
  if (access.kind === 'local') return undefined
  const key = access.key?.replace(/^~(?=\/)/, homeFolder)
  return new OpensshShell({
    where,
    destination: access.address,
    username: access.user,
    port: access.port,
    key: key === undefined ? undefined : join(key),
    configFile: sshConfig ?? access.sshConfig,
    deadlineMs,
  })
}

function named(shell: Shell, where: string): Shell {
  const renamed = <T extends object>(result: T): T => ({ ...result, where })
  return {
    where,
    run: async (command, options) => renamed(await shell.run(command, options)),
    try: async (command, options) => renamed(await shell.try(command, options)),
  }
}

/** Prints the id of a container's main process, by the engine that has it. */
const ofContainer = `${answerFunction}
for engine in podman docker nerdctl crictl; do
  command -v "$engine" >/dev/null 2>&1 || continue
  case $engine in
    crictl) pid=$(crictl inspect --output go-template --template '{{.info.pid}}' "$1" 2>/dev/null) ;;
    *) pid=$("$engine" inspect --format '{{.State.Pid}}' "$1" 2>/dev/null) ;;
  esac
  case $pid in ''|0|*[!0-9]*) ;; *) answer pid "$pid"; exit 0 ;; esac
done
exit 1`
/** The processes that search have the pattern in their command lines too, and are recognized by this word. */
const looking = 'dr-drill-looks-for-a-process'
const ofProcess = `import os, re, sys
pattern, looking = re.compile(sys.argv[1]), sys.argv[2]
for pid in filter(str.isdigit, os.listdir('/proc')):
    try:
        with open('/proc/%s/cmdline' % pid, 'rb') as file:
            line = file.read().rstrip(b'\\0').replace(b'\\0', b' ').decode('utf-8', 'replace')
        if line and looking not in line and pattern.search(line):
            print('dr-drill:process=%s %s' % (pid, os.readlink('/proc/%s/ns/mnt' % pid)))
    except (FileNotFoundError, ProcessLookupError):
        pass
    except OSError as error:
        print('dr-drill:unread=%s: %s' % (pid, error.strerror))
`

async function findNamespace({ plan, shell }: Host): Promise<string | undefined> {
  const place = plan.service
  if (place === 'host') return undefined
  if (place === 'unknown') throw noService(plan.where, 'it runs in a container there, and none is configured')
  if ('namespace' in place) return place.namespace
  if ('container' in place) {
    const { exitCode, stdout } = await shell.try({ script: ofContainer, args: [place.container] })
    const pid = answerIn(stdout, 'pid')
    if (exitCode === 0 && pid !== undefined) return `/proc/${pid}/ns/mnt`
    throw noService(plan.where, `no container engine there reports that "${place.container}" is running`)
  }
  const search = [...pythonLine, guard + ofProcess, place.process, looking] as const
  const { stdout } = programSucceeded(await shell.try(search))
  const answers = answersIn(stdout)
  const found = answers.flatMap(({ name, value }) => (name === 'process' ? [value.split(' ')] : []))
  const [unread] = answers.flatMap(({ name, value }) => (name === 'unread' ? [value] : []))
  const [pid] = found.map(([first]) => first)
  if (pid === undefined && unread !== undefined)
    throw noService(plan.where, `not every process can be looked at (process ${unread})`)
  if (pid === undefined) throw noService(plan.where, `no process matches "${place.process}"`)
  if (new Set(found.map(([, namespace]) => namespace)).size > 1) {
    const pids = found.map(([first]) => first).join(', ')
    throw noService(plan.where, `"${place.process}" matches processes in several mount namespaces (${pids})`)
  }
  return `/proc/${pid}/ns/mnt`
}

function noService(where: string, why: string): MachineError {
  return new MachineError('no-service', `${where}: cannot find the product's service: ${why}`, {
    remedy:
      'Check that the service is running, and `service` of this node in the inventory (for this host: --service).',
  })
}
