#!/usr/bin/env node
// The program of the simulated workload manager. It loads as little as possible: a command of a lab should answer at once.
import { runCommandLine } from './command/command-line.ts'

// A reader like `head` closes the pipe when it has read enough. The work of a command goes on.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {})
process.exitCode = await runCommandLine(process.argv)
