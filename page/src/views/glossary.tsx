import { words } from '../reference/words.ts'

/** The words of the pages, the reports and the code: one for each idea. */
export function GlossaryView() {
  return (
    <>
      <h1>Glossary</h1>
      <dl class="glossary">
        {words.map(([word, meaning]) => (
          <div key={word}>
            <dt>{word}</dt>
            <dd>{meaning}</dd>
          </div>
        ))}
      </dl>
    </>
  )
}
