import { join } from 'node:path'
import { homeFolder } from './user.ts'

/** Returns `$XDG_CACHE_HOME/dr-drill`, by default `~/.cache/dr-drill`. Its contents are made again when missing. */
export function cacheFolder(environment: NodeJS.ProcessEnv = process.env): string {
  return join(environment['XDG_CACHE_HOME'] || join(homeFolder(), '.cache'), 'dr-drill')
}
