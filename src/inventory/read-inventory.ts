import { readFileSync } from 'node:fs'
import { InputError } from '../errors.ts'
import { type Inventory, parseInventory } from './inventory.ts'

/** @throws InputError for a file that cannot be read, or with the line of each thing that is wrong in it */
export function readInventory(file: string): Inventory {
  let yaml: string
  try {
    yaml = readFileSync(file, 'utf8')
  } catch (cause) {
    throw new InputError(`the inventory ${file} cannot be read: ${(cause as Error).message}`, { cause })
  }
  return parseInventory(yaml, file)
}
