import { execFileSync, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { constants } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { ignoresHangUp } from '../localhost/hang-up.ts'
import { killChild } from '../localhost/kill-child.ts'
import { installNode, isNodeForInit, isSupportedNode } from '../project/supported-node.ts'

/**
 * Runs the command line on a Node that dr-drill does not support: with the Node of the project, if it has one.
 * @returns the exit code
 */
export async function runOnOtherNode(): Promise<number> {
  const [, bin = '', ...args] = process.argv
  const node = findNode(process.cwd()) ?? findNode(dirname(fileURLToPath(import.meta.url)))
  if (node !== undefined) return runWith(node, [bin, ...args])
  if (args[0] === 'init' && isNodeForInit(process.version)) {
    const { runInit } = await import('./init-program.ts')
    return runInit()
  }
  process.stderr.write(
    `dr-drill: Node ${process.version} is not supported. dr-drill runs on Node 24, 26 and later.\n  ${installNode}\n`,
  )
  return 3
}

/** Returns the supported Node that npm has installed in the project of a folder. */
function findNode(folder: string): string | undefined {
  const node = join(folder, 'node_modules/.bin/node')
  if (existsSync(node) && isSupportedNode(versionOf(node))) return node
  return dirname(folder) === folder ? undefined : findNode(dirname(folder))
}

function versionOf(node: string): string {
  try {
    return execFileSync(node, ['--version'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim()
  } catch {
    return 'none'
  }
}

function runWith(node: string, args: readonly string[]): Promise<number> {
  return new Promise((resolve, reject) => {
    // A terminal sends Ctrl-C to both processes. The child counts the second one as the same.
    const isKept = ignoresHangUp()
    const child = spawn(node, args, { stdio: 'inherit' })
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
      process.on(signal, () => (isKept && signal === 'SIGHUP') || killChild(child, signal))
    child.on('error', reject)
    child.on('close', (code, signal) => resolve(code ?? 128 + (signal === null ? 0 : constants.signals[signal])))
  })
}
