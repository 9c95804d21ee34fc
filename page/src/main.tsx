import { render } from 'preact'
import { App } from './app.tsx'
import './style.css'
import { readSummary } from './data/page-source.ts'

const page = document.getElementById('page')
if (page !== null) {
  try {
    const summary = readSummary()
    page.replaceChildren()
    render(<App summary={summary} />, page)
  } catch (error) {
    page.textContent = error instanceof Error ? error.message : String(error)
  }
}
