import { type ChildProcess, fork } from 'node:child_process'
import { extname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { LinkError } from './link-error.ts'
import type { LinkAnswer, LinkOrder, LinkWork } from './link-message.ts'

const program = fileURLToPath(new URL(`./link-process${extname(import.meta.filename)}`, import.meta.url))

/**
 * Looks at links in processes of their own, one for each chain that is looked at, so that a share that does not answer
 * keeps none but those. They do not keep this process alive while nothing is asked of them, and end with it.
 */
export class LinkLooks {
  readonly #idle: ChildProcess[] = []

  /**
   * @throws LinkError; the signal's reason
   */
  async ask<Work extends keyof LinkWork>(order: LinkOrder<Work>, signal: AbortSignal): Promise<LinkWork[Work]> {
    signal.throwIfAborted()
    const child = this.#idle.pop() ?? this.#start()
    try {
      const answer = await answerOf(child, order, signal)
      if ('found' in answer) {
        this.#idle.push(child)
        return answer.found
      }
      if (answer.isStuck) child.kill('SIGKILL')
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
      // Ours may be for a program that is no file.
      execArgv: [],
      serialization: 'advanced',
      // One that cannot be ended would keep open what it had of ours.
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
  order: LinkOrder<Work>,
  signal: AbortSignal,
): Promise<LinkAnswer<Work>> {
  child.ref()
  child.channel?.ref()
  const { promise, resolve, reject } = Promise.withResolvers<LinkAnswer<Work>>()
  const gone = () => reject(new LinkError('unknown', 'the process that looks at images has ended'))
  const abort = () => {
    child.kill('SIGKILL')
    reject(signal.reason)
  }
  child.on('message', resolve).on('exit', gone).on('error', gone)
  signal.addEventListener('abort', abort)
  try {
    child.send(order)
    return await promise
  } finally {
    signal.removeEventListener('abort', abort)
    child.off('message', resolve).off('exit', gone).off('error', gone)
  }
}
