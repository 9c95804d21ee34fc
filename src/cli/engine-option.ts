import { Option } from 'commander'
import { engineChoices } from '../setup/engine-choice.ts'

/** `--engine`: what holds the guests. */
export function engineOption(): Option {
  return new Option(
    '--engine <engine>',
    'what holds the guests; auto: container where an engine answers, else embedded',
  )
    .choices(engineChoices)
    .default('auto')
}
