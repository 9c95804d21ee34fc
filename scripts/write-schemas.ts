// write-schemas FOLDER: writes the JSON Schemas to a folder. Part of the build.
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { InputError } from '../src/errors.ts'
import { schemas } from '../src/project/schemas.ts'

const [, , folder] = process.argv
if (folder === undefined) throw new InputError('missing argument: write-schemas FOLDER')
mkdirSync(folder, { recursive: true })
for (const [name, schema] of Object.entries(schemas))
  writeFileSync(join(folder, name), `${JSON.stringify(schema, null, 2)}\n`)
