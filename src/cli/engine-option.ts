import { Option } from 'commander'
import { readConfig } from '../project/project.ts'
import { type EngineChoice, engineChoices } from '../setup/engine-choice.ts'

/** `--engine`: the engine of labs. */
export function engineOption(): Option {
  return new Option(
    '--engine <engine>',
    'engine of labs; auto, the default, prefers a container engine that answers',
  ).choices(engineChoices)
}

/** Returns the engine of the command line, or else of the project in the current folder. */
export function engineHere(typed: EngineChoice | undefined): EngineChoice {
  return typed ?? readConfig(process.cwd()).engine
}
