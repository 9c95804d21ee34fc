// npm run docs: writes the pages of the guide that are made from the code.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { apiPage } from './api-page.ts'
import { readStepDocs } from './step-docs.ts'
import { stepsPage } from './steps-page.ts'

const checkout = join(import.meta.dirname, '../..')
writeFileSync(join(checkout, 'docs/steps.md'), stepsPage(readStepDocs(checkout)))
writeFileSync(join(checkout, 'docs/api.md'), apiPage(checkout))
