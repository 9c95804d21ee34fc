import { InputError } from '../errors.ts'

/** The part of the work that one machine does: `1/4` is the first of four. */
export interface Shard {
  /** From 1 to `count`. */
  readonly number: number
  readonly count: number
}

/** Returns the shard that `1/4` names. @throws InputError */
export function parseShard(text: string): Shard {
  const [, number = 0, count = 0] = /^([1-9]\d{0,3})\/([1-9]\d{0,3})$/.exec(text)?.map(Number) ?? []
  if (number === 0 || number > count)
    throw new InputError(`${JSON.stringify(text)} is not a shard`, {
      remedy: 'Write its number and how many there are, e.g. --shard 1/4 on the first of four machines.',
    })
  return { number, count }
}

export const shardText = ({ number, count }: Shard): string => `${number}/${count}`
