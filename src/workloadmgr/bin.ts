#!/usr/bin/env node
// The program of the simulated workload manager. It loads as little as possible: a command of a lab should answer at once.
import { runCommandLine } from './command/command-line.ts'

process.exitCode = await runCommandLine(process.argv)
