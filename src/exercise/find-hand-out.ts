import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { InputError } from '../errors.ts'
import { exercisesFolder } from './team-access.ts'

/**
 * Finds the folder that a participant was handed.
 * @param dir as typed. Undefined for the only one of the exercises that are running here
 * @throws InputError if it is not such a folder, or if there is none or more than one
 */
export function findHandOut(dir: string | undefined): string {
  if (dir !== undefined) {
    if (existsSync(join(dir, 'ssh_config')) && existsSync(join(dir, 'briefing.md'))) return dir
    throw new InputError(`${dir} is not the folder of a participant: it has no ssh_config and briefing.md`, {
      remedy: 'Pass the folder that the facilitator handed out: --dir DIR',
    })
  }
  const all = foldersIn(exercisesFolder()).flatMap(foldersIn)
  const [only, ...others] = all
  if (only === undefined) throw new InputError('no exercise is running here', { remedy: 'Pass your folder: --dir DIR' })
  if (others.length === 0) return only
  throw new InputError('several people take part in exercises here', {
    remedy: `Pass your folder with --dir: ${all.join(', ')}`,
  })
}

function foldersIn(folder: string): readonly string[] {
  if (!existsSync(folder)) return []
  const entries = readdirSync(folder, { withFileTypes: true })
  return entries.filter((one) => one.isDirectory()).map(({ name }) => join(folder, name))
}
