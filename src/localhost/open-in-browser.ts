import { spawn } from 'node:child_process'

/** The program that opens a file as the desktop does. */
const openers: Readonly<Partial<Record<NodeJS.Platform, string>>> = { darwin: 'open' }
const opener = openers[process.platform] ?? 'xdg-open'

/** True if this process can show a window: it has a desktop. */
export const hasDisplay = (environment: NodeJS.ProcessEnv): boolean =>
  process.platform === 'darwin' || Boolean(environment.DISPLAY) || Boolean(environment.WAYLAND_DISPLAY)

/**
 * Opens a file in the user's browser, which outlives this process.
 * @returns why it was not opened. Undefined if it was
 */
export function openInBrowser(path: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    const child = spawn(opener, [path], { detached: true, stdio: 'ignore' })
    // A browser that it starts may keep it running.
    const timer = setTimeout(() => end(undefined), maxWaitMs)
    const end = (problem: string | undefined): void => {
      clearTimeout(timer)
      child.unref()
      resolve(problem)
    }
    child.once('error', (error) => end(`cannot start ${opener}: ${error.message}`))
    child.once('exit', (code) => end(code === 0 ? undefined : `${opener} exited with ${code}`))
  })
}

const maxWaitMs = 3000
