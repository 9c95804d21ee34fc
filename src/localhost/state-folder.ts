import { join } from 'node:path'
import { homeFolder } from './user.ts'

/** Returns `$XDG_STATE_HOME/dr-drill`, by default `~/.local/state/dr-drill`. */
export function stateFolder(environment: NodeJS.ProcessEnv = process.env): string {
  return join(environment['XDG_STATE_HOME'] || join(homeFolder(), '.local', 'state'), 'dr-drill')
}
