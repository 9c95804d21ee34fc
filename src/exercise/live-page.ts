import { livePageHtml } from './live-page-html.ts'
import { PageServer, type ServedPage } from './page-server.ts'

export type LivePageOptions = Required<Omit<ServedPage, 'html'>>

/** The facilitator's page, on the loopback interface only. */
export class LivePage implements Disposable {
  readonly #server: PageServer

  private constructor(server: PageServer) {
    this.#server = server
  }

  static async open(options: LivePageOptions): Promise<LivePage> {
    return new LivePage(await PageServer.open([{ html: livePageHtml, ...options }]))
  }

  get url(): string {
    return this.#server.urls[0] ?? ''
  }

  /** Sends the state to all open pages. */
  update(): void {
    this.#server.update()
  }

  [Symbol.dispose](): void {
    this.#server[Symbol.dispose]()
  }
}
