import { readFileSync } from 'node:fs'

/** The highest memory of a process and all its children, looked at ten times a second. */
export class PeakMemory implements Disposable {
  readonly #timer: NodeJS.Timeout
  /** The sum of all processes. */
  peakMib = 0
  /** The process without its children. */
  ownPeakMib = 0

  constructor(pid: number | undefined) {
    this.#timer = setInterval(() => {
      const all = memoryOf(pid)
      const [own = { ownMib: 0, fileMib: 0 }] = all
      this.peakMib = Math.max(this.peakMib, residentMib(all))
      this.ownPeakMib = Math.max(this.ownPeakMib, own.ownMib + own.fileMib)
    }, 100)
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer)
  }
}

/** The program that processes share counts once. */
function residentMib(all: readonly Memory[]): number {
  return all.reduce((sum, { ownMib }) => sum + ownMib, 0) + Math.max(0, ...all.map(({ fileMib }) => fileMib))
}

interface Memory {
  readonly ownMib: number
  readonly fileMib: number
}

/** A child with the command line of its parent has just been forked, and shares its memory. */
function memoryOf(pid: number | undefined, parentCommand?: string): readonly Memory[] {
  try {
    const of = (file: string) => readFileSync(`/proc/${pid}/${file}`, 'utf8')
    const command = of('cmdline')
    if (command === parentCommand) return []
    const children = of(`task/${pid}/children`).split(' ').filter(Boolean)
    const status = of('status')
    const mib = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(status)?.[1] ?? 0) / 1024
    const own = { ownMib: mib('RssAnon') + mib('RssShmem'), fileMib: mib('RssFile') }
    return [own, ...children.flatMap((child) => memoryOf(Number(child), command))]
  } catch {
    return []
  }
}
