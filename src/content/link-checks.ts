import { type ChildProcess, fork } from 'node:child_process'
import { extname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { killChild } from '../localhost/kill-child.ts'
import { LinkError } from './link-error.ts'
import type { LinkAnswer, LinkRequest, LinkWork } from './link-message.ts'

const program = fileURLToPath(new URL(`./link-process${extname(import.meta.filename)}`, import.meta.url))

/**
 * Checks links in separate processes, one per chain at a time, so that a silent share blocks only these. Idle processes
 * do not keep this process alive, and end with it.
 */
export class LinkChecks {
  readonly #idle: ChildProcess[] = []

  /** @throws LinkError; the signal's reason */
  async request<Work extends keyof LinkWork>(request: LinkRequest<Work>, signal: AbortSignal): Promise<LinkWork[Work]> {
    signal.throwIfAborted()
    const child = this.#idle.pop() ?? this.#start()
    try {
      const answer = await answerOf(child, request, signal)
      if ('found' in answer) {
        this.#idle.push(child)
        return answer.found
      }
      if (answer.isStuck) killChild(child, 'SIGKILL')
      else this.#idle.push(child)
      const { kind, message, reason } = answer.failure
      throw new LinkError(kind, message, { reason })
    } finally {
      child.unref()
      child.channel?.unref()
    }
  }

  #start(): ChildProcess {
    const child = fork(program, {
      cwd: '/',
      // The arguments of this process may be for a program that is not a file.
      execArgv: [],
      serialization: 'advanced',
      // A process that cannot be ended would keep the streams of this one open.
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    })
    child.once('exit', () => {
      const nth = this.#idle.indexOf(child)
      if (nth !== -1) this.#idle.splice(nth, 1)
    })
    return child.on('error', () => {})
  }
}

async function answerOf<Work extends keyof LinkWork>(
  child: ChildProcess,
  request: LinkRequest<Work>,
  signal: AbortSignal,
): Promise<LinkAnswer<Work>> {
  child.ref()
  child.channel?.ref()
  const { promise, resolve, reject } = Promise.withResolvers<LinkAnswer<Work>>()
  const gone = () => reject(new LinkError('unknown', 'the process that checks images has exited'))
  const abort = () => {
    killChild(child, 'SIGKILL')
    reject(signal.reason)
  }
  child.on('message', resolve).on('exit', gone).on('error', gone)
  signal.addEventListener('abort', abort)
  try {
    child.send(request)
    return await promise
  } finally {
    signal.removeEventListener('abort', abort)
    child.off('message', resolve).off('exit', gone).off('error', gone)
  }
}
