import { request } from 'node:http'

/** Asks a page for something, with headers that `fetch` would not send. */
export function ask(url: string, options: { method?: string; headers?: Record<string, string>; body?: string } = {}) {
  return new Promise<{ readonly status: number; readonly text: string }>((resolve, reject) => {
    const asking = request(url, { method: options.method ?? 'GET', headers: options.headers ?? {} }, (response) => {
      let text = ''
      response.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk
      })
      response.on('end', () => resolve({ status: response.statusCode ?? 0, text }))
    })
    asking.on('error', reject)
    asking.end(options.body)
  })
}
