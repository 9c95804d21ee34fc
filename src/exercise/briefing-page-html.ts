import { pageStyle } from './page-style.ts'

const style = `${pageStyle}
.text { white-space: pre-wrap; } pre { overflow: auto; font: .875rem/1.5 ui-monospace, monospace; }
summary { cursor: pointer; min-height: 1.75rem; }
`

/** The page in a browser: it shows the state that it receives, and sends nothing. It creates no HTML from text. */
const script = `
'use strict'
const $ = (id) => document.getElementById(id)
const make = (name, props = {}, ...inner) => {
  const node = Object.assign(document.createElement(name), props)
  node.append(...inner)
  return node
}
const two = (value) => String(value).padStart(2, '0')
const time = (ms) => {
  const s = Math.floor(ms / 1000), h = Math.floor(s / 3600)
  return (h > 0 ? h + ':' : '') + two(Math.floor(s / 60) % 60) + ':' + two(s % 60)
}
const objective = ({ name, within }) => make('li', {}, name, ...(within ? [make('span', { className: 'detail', textContent: 'within ' + within })] : []))
const mail = ({ clockMs, from, subject, text }) => make('li', {}, make('details', {},
  make('summary', {}, time(clockMs) + ' ', make('strong', { textContent: from }), ': ' + subject),
  make('div', { className: 'text', textContent: text })))
// Replaces a list only if it has changed: an open mail must not close.
const shown = new Map()
function list(id, items, of) {
  const before = shown.get(id) ?? []
  if (JSON.stringify(before) === JSON.stringify(items)) return
  shown.set(id, items)
  const isLonger = before.length > 0 && JSON.stringify(items.slice(0, before.length)) === JSON.stringify(before)
  if (isLonger) $(id).append(...items.slice(before.length).map(of))
  else $(id).replaceChildren(...(items.length ? items.map(of) : [make('li', { textContent: 'none' })]))
}
let isEnded = false
function show(state) {
  document.title = time(state.clockMs) + ' ' + state.title
  $('title').textContent = state.title
  $('clock').replaceChildren(time(state.clockMs), make('small', { textContent: (state.limitMs ? ' of ' + time(state.limitMs) : '') + (state.isPaused ? ', paused' : '') + (state.isRunning ? '' : ', ended') }))
  $('briefing').textContent = state.briefing
  $('role').textContent = state.role
  $('work').textContent = state.commands
  $('mail-count').textContent = state.mails.length
  list('objectives', state.objectives, objective)
  list('mails', state.mails, mail)
}
const notice = (text) => { $('notice').textContent = text }
const events = new EventSource('events')
events.onmessage = ({ data }) => { show(JSON.parse(data)); if (!isEnded) notice('') }
events.addEventListener('end', () => { isEnded = true; events.close(); notice('The exercise has ended.') })
events.onerror = () => { if (!isEnded) notice('No connection to the exercise.') }
`

/** Returns the page of a participant. @param nonce for its style and its script */
export function briefingPageHtml(nonce: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Exercise</title>
<link rel="icon" href="data:,">
<style nonce="${nonce}">${style}</style>
</head>
<body>
<header><h1 id="title">Exercise</h1><div id="clock" role="timer">00:00</div></header>
<p id="notice" role="status"></p>
<main>
<section class="wide" aria-labelledby="h1"><h2 id="h1">Briefing</h2><p id="briefing" class="text"></p></section>
<section aria-labelledby="h2"><h2 id="h2">You</h2><p id="role" class="text"></p></section>
<section aria-labelledby="h3"><h2 id="h3">Objectives</h2><ul id="objectives"></ul></section>
<section class="wide" aria-labelledby="h4"><h2 id="h4">Mail (<span id="mail-count">0</span>)</h2><ul id="mails"></ul></section>
<section class="wide" aria-labelledby="h5"><h2 id="h5">How to work</h2><pre id="work" tabindex="0" aria-labelledby="h5"></pre></section>
</main>
<script nonce="${nonce}">${script}</script>
</body>
</html>
`
}
