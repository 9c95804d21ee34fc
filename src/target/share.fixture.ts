const letters = [
  'a',
  'Z',
  '0',
  '/',
  ' ',
  '?',
  '#',
  ';',
  '~',
  '>',
  ':',
  '%41',
  'ü',
  '日',
  '\t',
  "'",
  '"',
  '\\',
  '$',
  '=',
]

/** Shares with awkward characters. They are the same every time, so that a failure can be reproduced. */
export function* sampleShares(count: number): Generator<string> {
  let state = 20261122
  const next = (below: number) => {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
  for (let i = 0; i < count; i++) {
    const path = Array.from({ length: next(90) }, () => letters[next(letters.length)]).join('')
    yield `${['10.10.2.20', 'nfs.example', '[fd00::20]'][next(3)]}:/${path}`
  }
}
