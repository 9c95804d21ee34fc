// write-man FILE: writes the manual page. Part of the build.
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { buildProgram } from '../src/cli/program.ts'
import { InputError } from '../src/errors.ts'
import { ownVersion } from '../src/project/package.ts'
import { manPage } from './man-page.ts'

const [, , file] = process.argv
if (file === undefined) throw new InputError('missing argument: write-man FILE')
mkdirSync(dirname(file), { recursive: true })
const { SOURCE_DATE_EPOCH: epochSeconds } = process.env
const date = epochSeconds === undefined ? new Date() : new Date(Number(epochSeconds) * 1000)
writeFileSync(file, manPage(await buildProgram(), { version: ownVersion(), date }))
