import { useState } from 'preact/hooks'
import { Scrolls } from './scrolls.tsx'

const maxLines = 30
const maxChars = 3000

/** A recorded text in its own lines. A long one is shown in part, until the reader asks for the rest. */
export function RecordedText({ text, label }: { readonly text: string; readonly label: string }) {
  const [isWhole, setWhole] = useState(false)
  const isLong = text.length > maxChars || countLines(text, maxLines) > maxLines
  const shown = isWhole || !isLong ? text : beginning(text)
  return (
    <div class="recorded">
      <Scrolls label={label}>
        <pre>{shown}</pre>
      </Scrolls>
      {isLong && (
        <button type="button" onClick={() => setWhole(!isWhole)}>
          {isWhole ? 'Show less' : `Show all ${text.length.toLocaleString('en')} characters`}
        </button>
      )}
    </div>
  )
}

function beginning(text: string): string {
  return text.split('\n', maxLines).join('\n').slice(0, maxChars)
}

function countLines(text: string, enough: number): number {
  let count = 1
  for (let at = text.indexOf('\n'); at !== -1 && count <= enough; at = text.indexOf('\n', at + 1)) count++
  return count
}

/** Any recorded value: text in its lines, everything else as JSON. */
export function RecordedValue({ value, label }: { readonly value: unknown; readonly label: string }) {
  if (value === undefined || value === null || value === '') return null
  if (Array.isArray(value) && value.every((item) => typeof item === 'string'))
    return <RecordedText text={value.join('\n')} label={label} />
  return <RecordedText text={typeof value === 'string' ? value : JSON.stringify(value, undefined, 2)} label={label} />
}
