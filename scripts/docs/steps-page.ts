import type { ParameterDoc, StepDoc, StepDocs } from './step-docs.ts'

/** Writes the page of the guide that describes all steps. */
export function stepsPage({ sections, parameters }: StepDocs): string {
  const contents = [...sections.map(({ title }) => title), 'Values'].map((title) => `- [${title}](#${anchor(title)})`)
  const parts = sections.map(
    ({ title, steps }) => `## ${title}\n\n${steps.map((one) => describeStep(one, parameters)).join('\n')}`,
  )
  return [`${head}${contents.join('\n')}\n`, ...parts, `${values}${parameters.map(describeParameter).join('')}`].join(
    '\n',
  )
}

function describeStep(
  { keyword, wording, description, examples }: StepDoc,
  parameters: readonly ParameterDoc[],
): string {
  const shown = wording.replaceAll(
    /\{(\w+)\}/g,
    (whole, name) => parameters.find((one) => one.name === name)?.shown ?? whole,
  )
  return `**${keyword}** \`${shown}\`\n\n${wrap(description)}\n\n\`\`\`gherkin\n${examples.join('\n')}\n\`\`\`\n`
}

function describeParameter({ name, description, examples, shown }: ParameterDoc): string {
  if (shown !== undefined) return ''
  return `| \`{${name}}\` | ${description} | ${examples.map((one) => `\`${one}\``).join(', ')} |\n`
}

function anchor(title: string): string {
  return title
    .toLowerCase()
    .replaceAll(/[^a-z ]/g, '')
    .replaceAll(' ', '-')
}

/** Breaks text at 120 characters. */
function wrap(text: string): string {
  const lines = ['']
  for (const word of text.split(' ')) {
    const last = lines.at(-1) ?? ''
    if (last !== '' && last.length + 1 + word.length > 120) lines.push(word)
    else lines[lines.length - 1] = last === '' ? word : `${last} ${word}`
  }
  return lines.join('\n')
}

const head = `# All steps

This page is made from the comments beside the steps (\`npm run docs\`). \`{…}\` is a [value](#values). Text in \`[…]\` or
\`(…)\` is optional; \`the/every\` means one of both words. [Writing a scenario](scenarios.md) explains how steps make a
scenario.

`

const values = `## Values

| value | is | for example |
|---|---|---|
| \`{string}\` | a text | \`"text"\` |
| \`{int}\`, \`{float}\` | a number | \`3\`, \`4.2\` |
`
