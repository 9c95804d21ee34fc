/** Variables with headers for receivers of OpenTelemetry: `key=value,other=value`, percent-encoded. */
const headersVariable = /^OTEL_EXPORTER_OTLP_(?:[A-Z]+_)?HEADERS$/

/** Returns the tokens in the headers that a variable holds, encoded and decoded. Empty for any other variable. */
export function headerSecrets(name: string, text: string): readonly string[] {
  if (!headersVariable.test(name)) return []
  const values = text.split(',').map((pair) => pair.slice(pair.indexOf('=') + 1).trim())
  const words = values.flatMap((value) => [value, ...decoded(value).split(/\s+/)])
  return [...new Set(words)].filter(isToken)
}

/** Other values, such as media types, are words that a journal needs. */
const isToken = (word: string): boolean => word.length >= 8 && /\d/.test(word) && /[A-Za-z]/.test(word)

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
