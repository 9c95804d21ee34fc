import { CommanderError } from 'commander'
import { describeError, exitCodeFor } from './failure.ts'
import { buildProgram, isDebugAsked } from './program.ts'

// Whoever reads what is printed may have seen enough.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit()
  throw error
})
const program = buildProgram()
try {
  await program.parseAsync()
} catch (error) {
  process.exitCode = exitCodeFor(error)
  // Commander has already said what it has to say.
  if (!(error instanceof CommanderError)) {
    const isDebug = isDebugAsked(program) || Boolean(process.env['DR_DRILL_DEBUG'])
    process.stderr.write(`${describeError(error, isDebug)}\n`)
  }
}
