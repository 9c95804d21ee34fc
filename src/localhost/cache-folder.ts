import { homedir } from 'node:os'
import { join } from 'node:path'

/** `$XDG_CACHE_HOME/dr-drill`, by default `~/.cache/dr-drill`: what is made once, and again when it is not there. */
export function cacheFolder(environment: NodeJS.ProcessEnv = process.env): string {
  return join(environment['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'dr-drill')
}
