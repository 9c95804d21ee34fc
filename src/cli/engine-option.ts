import { Option } from 'commander'
import { engineChoices } from '../setup/engine-choice.ts'

/** `--engine`: what holds the guests. Left out, it is up to the command. */
export function engineOption(): Option {
  return new Option(
    '--engine <engine>',
    'what holds the guests; auto, the default: container where an engine answers, else embedded',
  ).choices(engineChoices)
}
