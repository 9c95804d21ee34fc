const units: Readonly<Record<string, number>> = {
  '': 1,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
}

/** Bytes of `200M`, `1.5GiB` or `4096`. Undefined for anything else, and for 0. */
export function parseBytes(text: string): number | undefined {
  const [, number, prefix = ''] = /^(\d{1,15}(?:\.\d{1,3})?) ?([kMGT]i?|[KMGT]i)?B?$/.exec(text) ?? []
  const unit = units[prefix === 'ki' ? 'Ki' : prefix]
  if (number === undefined || unit === undefined) return undefined
  const bytes = Math.round(Number(number) * unit)
  return bytes > 0 && Number.isSafeInteger(bytes) ? bytes : undefined
}
