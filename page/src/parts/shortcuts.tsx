import { useEffect, useRef } from 'preact/hooks'

const keys = [
  ['/', 'search the drills'],
  ['j, k', 'next and previous drill of the list, or step of a drill'],
  ['e', 'open or close the evidence of all steps'],
  ['g', 'back to the overview'],
  ['?', 'show these keys'],
] as const

/** Keys for readers who do not use a mouse. They do nothing while a field has the focus. */
export function Shortcuts() {
  const dialog = useRef<HTMLDialogElement>(null)
  useEffect(() => {
    const press = (event: KeyboardEvent): void => {
      if (event.ctrlKey || event.metaKey || event.altKey || isField(event.target)) return
      if (event.key === '/') focusSearch()
      else if (event.key === 'j' || event.key === 'k') move(event.key === 'j' ? 1 : -1)
      else if (event.key === 'e') toggleEvidence()
      else if (event.key === 'g') location.hash = '#overview'
      else if (event.key === '?') dialog.current?.showModal()
      else return
      event.preventDefault()
    }
    window.addEventListener('keydown', press)
    return () => window.removeEventListener('keydown', press)
  }, [])
  return (
    <>
      <button type="button" class="keys" onClick={() => dialog.current?.showModal()}>
        keys
      </button>
      <dialog ref={dialog} aria-label="Keys">
        <dl class="facts">
          {keys.map(([key, what]) => (
            <div key={key}>
              <dt>
                <kbd>{key}</kbd>
              </dt>
              <dd>{what}</dd>
            </div>
          ))}
        </dl>
        <button type="button" onClick={() => dialog.current?.close()}>
          Close
        </button>
      </dialog>
    </>
  )
}

function isField(target: EventTarget | null): boolean {
  if (target instanceof HTMLSelectElement) return true
  return target instanceof HTMLInputElement && target.type !== 'checkbox'
}

function focusSearch(): void {
  const find = (): HTMLInputElement | null => document.querySelector('input[type=search]')
  if (find() === null) location.hash = '#drills'
  const giveUpAt = performance.now() + 5000
  /** The list of drills is drawn some time after its address has changed. */
  const focus = (): void => {
    const field = find()
    if (field !== null) field.focus()
    else if (performance.now() < giveUpAt) requestAnimationFrame(focus)
  }
  focus()
}

/** Moves the focus to the next or previous element that `j` and `k` stop at. */
function move(by: 1 | -1): void {
  const stops = [...document.querySelectorAll<HTMLElement>('[data-stop]')]
  const current = stops.findIndex((stop) => stop.contains(document.activeElement))
  const next = stops[current === -1 ? (by === 1 ? 0 : stops.length - 1) : current + by]
  const target = next?.matches('a, summary, button') ? next : next?.querySelector<HTMLElement>('a, summary, button')
  target?.focus()
  target?.scrollIntoView({ block: 'nearest' })
}

function toggleEvidence(): void {
  const all = [...document.querySelectorAll<HTMLDetailsElement>('details.step-evidence')]
  const isOpening = all.some(({ open }) => !open)
  for (const one of all) one.open = isOpening
}
