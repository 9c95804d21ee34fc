import { isStorage, readMounts } from '../data/mount-lines.ts'
import { RecordedText, RecordedValue } from './recorded-text.tsx'
import { Scrolls } from './scrolls.tsx'

/** A mount table: the mounts of storage as a table, and the whole text. */
export function MountTable({ facts }: { readonly facts: unknown }) {
  const mounts = readMounts(facts)
  if (mounts === undefined) return <RecordedValue value={facts} label="Mount table" />
  return (
    <>
      <Scrolls label="Mounts of storage">
        <table>
          <thead>
            <tr>
              <th scope="col">mounted at</th>
              <th scope="col">source</th>
              <th scope="col">path in it</th>
              <th scope="col">type</th>
            </tr>
          </thead>
          <tbody>
            {mounts.filter(isStorage).map(({ id, mountPoint, source, root, type }) => (
              <tr key={id}>
                <td>
                  <code>{mountPoint}</code>
                </td>
                <td>
                  <code>{source}</code>
                </td>
                <td>
                  <code>{root}</code>
                </td>
                <td>{type}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </Scrolls>
      <RecordedText text={Array.isArray(facts) ? facts.join('\n') : String(facts)} label="Whole mount table" />
    </>
  )
}
