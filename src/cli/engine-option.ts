import { Option } from 'commander'
import { readConfig } from '../project/project.ts'
import { type EngineChoice, engineChoices } from '../setup/engine-choice.ts'

/** `--engine`: what holds the guests. Left out, it is up to the command. */
export function engineOption(): Option {
  return new Option(
    '--engine <engine>',
    'what holds the guests; auto, the default: container where an engine answers, else embedded',
  ).choices(engineChoices)
}

/** What the command line says, or else the project of the folder that it is called in. */
export function engineHere(typed: EngineChoice | undefined): EngineChoice {
  return typed ?? readConfig(process.cwd()).engine
}
