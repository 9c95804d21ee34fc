// The process that reads targets, apart from the one that judges: a thread that waits for a share that does not answer
// cannot be ended, nor can the process that it is in end by itself. This one is killed then, and nothing is lost.
import { setFlagsFromString } from 'node:v8'
import { Reader } from './reader.ts'
import type { ReaderLine, ScanRequest } from './reader-protocol.ts'

// Most of its time is the kernel's: to compile for the last few percent, in each thread anew, takes more than it gives.
setFlagsFromString('--no-turbofan')
const { stdin, stdout } = process
const say = (line: ReaderLine, onWritten?: () => void) => stdout.write(`${JSON.stringify(line)}\n`, onWritten)
const end = () => process.kill(process.pid, 'SIGKILL')
const request = JSON.parse(process.argv[2] ?? '') as ScanRequest
// Whoever started it holds the other end, and is gone when it closes.
stdin.resume().once('close', end)
stdout.once('error', end)
process.on('SIGINT', () => {})

const reader = new Reader(request, (lines) => stdout.write(lines))
stdout.on('drain', () => reader.resume())
say({ kind: 'ready' })
const { isStuck } = await reader.run()
await new Promise<void>((resolve) => say({ kind: 'end' }, () => resolve()))
if (!isStuck) process.exit()
