import { readFileSync } from 'node:fs'
import { InputError } from '../errors.ts'
import type { Inventory } from './inventory.ts'
import { parseInventory } from './parse-inventory.ts'

/** @throws InputError if the file cannot be read, or with the line of each error in it */
export function readInventory(file: string): Inventory {
  let yaml: string
  try {
    yaml = readFileSync(file, 'utf8')
  } catch (cause) {
    throw new InputError(`cannot read the inventory ${file}: ${(cause as Error).message}`, { cause })
  }
  return parseInventory(yaml, file)
}
