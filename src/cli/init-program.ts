import { Command } from 'commander'
import { initCommand } from './init.ts'
import { runProgram } from './run-program.ts'

/** Runs `dr-drill init` without the other commands: Node 20 can run this file and everything that it imports. */
export async function runInit(): Promise<number> {
  await runProgram(new Command('dr-drill').addCommand(initCommand()))
  return Number(process.exitCode ?? 0)
}
