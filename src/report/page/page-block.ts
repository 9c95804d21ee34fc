import { deflateRawSync } from 'node:zlib'

/** Returns data as an element that the page reads at once. No text in it can end the element. */
export function plainBlock(id: string, data: unknown): string {
  return `<script type="application/json" id="${id}">${inScript(JSON.stringify(data))}</script>\n`
}

/** Returns data as an element that the page decodes when it is needed: JSON, deflated, in Base64. */
export function packedBlock(id: string, data: unknown): string {
  const packed = deflateRawSync(Buffer.from(JSON.stringify(data)), { level: 6 })
  return `<script type="application/octet-stream" id="${id}">${packed.toString('base64')}</script>\n`
}

function inScript(json: string): string {
  return json.replaceAll('<', '\\u003c').replaceAll('\u2028', '\\u2028').replaceAll('\u2029', '\\u2029')
}
