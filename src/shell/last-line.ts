/** The last line of text from a host that has something to read, fit for a message. */
export function lastLine(text: string): string {
  const lines = text.split(/[\r\n]/).map((line) => line.replaceAll(unprintable, '').trim())
  const line = lines.findLast((one) => one !== '' && !isOfLoader(one)) ?? ''
  return line.length > 200 ? `${line.slice(0, 200)} …` : line
}

/** The dynamic loader reports a library of LD_PRELOAD or /etc/ld.so.preload that does not exist, for each program. */
const isOfLoader = (line: string): boolean => line.startsWith('ERROR: ld.so:')

/** Control sequences of terminals, and characters that are not to be printed. */
const unprintable = /\p{Cc}(?:\[[0-?]*[ -/]*[@-~]|\][^\p{Cc}]*)?|[\p{Cf}\p{Co}\p{Cs}\ufffd]/gu
