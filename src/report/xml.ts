import { printable, printableLines } from '../text/printable.ts'

/** A piece of XML: an element with its content, or text. */
export type Xml = string | XmlElement

export interface XmlElement {
  readonly name: string
  /** Undefined values are left out. */
  readonly attributes: Readonly<Record<string, string | number | undefined>>
  readonly content: readonly Xml[]
}

/** Returns an element. Text in it may hold any characters: those that XML forbids are escaped as in JSON. */
export function element(name: string, attributes: XmlElement['attributes'], ...content: readonly Xml[]): XmlElement {
  return { name, attributes, content }
}

/** Returns a document with one element. */
export function xmlDocument(root: XmlElement): string {
  return `<?xml version="1.0" encoding="UTF-8"?>\n${serialized(root, '')}\n`
}

function serialized({ name, attributes, content }: XmlElement, indent: string): string {
  const written = Object.entries(attributes).flatMap(([key, value]) =>
    value === undefined ? [] : [` ${key}="${escapedAttribute(`${value}`)}"`],
  )
  const start = `${indent}<${name}${written.join('')}`
  if (content.length === 0) return `${start}/>`
  // Blanks between elements and text would become a part of the text.
  if (content.some((one) => typeof one === 'string'))
    return `${start}>${content.map((one) => (typeof one === 'string' ? escapedText(one) : serialized(one, ''))).join('')}</${name}>`
  const inner = content.map((one) => (typeof one === 'string' ? one : serialized(one, `${indent}  `)))
  return `${start}>\n${inner.join('\n')}\n${indent}</${name}>`
}

const escapedText = (text: string): string => escaped(printableLines(text.toWellFormed()))

const escapedAttribute = (text: string): string => escaped(printable(text.toWellFormed())).replaceAll('"', '&quot;')

const escaped = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
