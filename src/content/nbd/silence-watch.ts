import { StalledError } from './protocol.ts'

/** Notices that nothing has arrived for too long although a reply is due. */
export class SilenceWatch implements Disposable {
  isWaiting = (): boolean => true
  onStall: (error: Error) => void = () => {}
  #seenMs = performance.now()
  readonly #timer: NodeJS.Timeout

  constructor(stallMs: number) {
    this.#timer = setInterval(() => {
      if (this.isWaiting() && performance.now() - this.#seenMs > stallMs) this.onStall(new StalledError(stallMs))
    }, stallMs / 10)
  }

  /** Something has arrived, or the waiting begins. */
  see(): void {
    this.#seenMs = performance.now()
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer)
  }
}
