// Reads targets, in a process of its own. A thread that waits for a silent share cannot be ended, and neither can its
// process end by itself. This process is killed then, and nothing is lost.
import { setFlagsFromString } from 'node:v8'
import { Reader } from './reader.ts'
import type { ReaderLine, ScanRequest } from './reader-protocol.ts'

// Most of its time is spent in the kernel: compiling the last few percent, in each thread anew, costs more than it
// gains.
setFlagsFromString('--no-turbofan')
const { stdin, stdout } = process
const say = (line: ReaderLine, onWritten?: () => void) => stdout.write(`${JSON.stringify(line)}\n`, onWritten)
const end = () => process.kill(process.pid, 'SIGKILL')
const request = JSON.parse(process.argv[2] ?? '') as ScanRequest
// The parent process holds the other end, and has exited when it closes.
stdin.resume().once('close', end)
stdout.once('error', end)
process.on('SIGINT', () => {})
// The parent process reports what was not read.
process.on('uncaughtException', (error) => {
  process.stderr.write(`dr-drill: the process that reads the targets has failed: ${error.message}\n`)
  process.exit(3)
})

const reader = new Reader(request, (lines) => stdout.write(lines))
stdout.on('drain', () => reader.resume())
say({ kind: 'ready' })
const { isStuck } = await reader.run()
await new Promise<void>((resolve) => say({ kind: 'end' }, () => resolve()))
if (!isStuck) process.exit()
