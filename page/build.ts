// Builds the template of pages: one HTML file with its script and its styles, and a place for the summary of a run.
import { createHash } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { build } from 'vite'

/** The built parts that Vite returns. */
interface Built {
  readonly output: readonly (
    | { readonly type: 'chunk'; readonly code: string }
    | { readonly type: 'asset'; readonly fileName: string; readonly source: string | Uint8Array }
  )[]
}

/** Returns the template of pages. */
export async function buildPage(): Promise<string> {
  const { output } = (await build({
    configFile: false,
    envDir: false,
    root: import.meta.dirname,
    logLevel: 'warn',
    oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
    build: {
      write: false,
      target: 'es2023',
      modulePreload: false,
      cssCodeSplit: false,
      rolldownOptions: {
        input: join(import.meta.dirname, 'src/main.tsx'),
        output: { format: 'iife', codeSplitting: false },
      },
    },
  })) as Built
  const script = output.flatMap((one) => (one.type === 'chunk' ? [one.code.trim()] : [])).join('\n')
  const style = output
    .flatMap((one) => (one.type === 'asset' && one.fileName.endsWith('.css') ? [String(one.source).trim()] : []))
    .join('\n')
  return inTemplate(script, style)
}

/** The page may run this script and use these styles. It may load nothing, whatever a journal contains. */
function inTemplate(script: string, style: string): string {
  const code = script.replaceAll('</script', '<\\/script').replaceAll('<!--', '<\\!--')
  const csp = [
    "default-src 'none'",
    `script-src '${hashOf(code)}'`,
    `style-src '${hashOf(style)}'`,
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ')
  const parts: Readonly<Record<string, string>> = {
    'content="policy"': `content="${csp}"`,
    '<!-- style -->': `<style>${style}</style>`,
    '<!-- script -->': `<script>${code}</script>`,
  }
  const html = readFileSync(join(import.meta.dirname, 'index.html'), 'utf8')
  return html.replaceAll(/content="policy"|<!-- (style|script) -->/g, (mark) => parts[mark] ?? mark)
}

function hashOf(text: string): string {
  return `sha256-${createHash('sha256').update(text).digest('base64')}`
}

const [, program, out] = process.argv
if (program === import.meta.filename && out !== undefined) writeFileSync(out, await buildPage())
