import { pageStyle } from './page-style.ts'

/** The page in a browser: it shows the state that it receives, and sends commands. It creates no HTML from text. */
const script = `
'use strict'
const $ = (id) => document.getElementById(id)
const make = (name, props = {}, ...inner) => {
  const node = Object.assign(document.createElement(name), props)
  node.append(...inner)
  return node
}
const notice = (text) => { $('notice').textContent = text }
async function act(command, argument) {
  try {
    const answer = await fetch('do', {
      method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ command, argument }),
    })
    notice(answer.ok ? '' : await answer.text())
  } catch { notice('The exercise does not answer.') }
}
const two = (value) => String(value).padStart(2, '0')
const time = (ms) => {
  const s = Math.floor(ms / 1000), h = Math.floor(s / 3600)
  return (h > 0 ? h + ':' : '') + two(Math.floor(s / 60) % 60) + ':' + two(s % 60)
}
const marks = { holds: ['✔ holds', 'holds'], 'does not hold': ['✘ does not hold', 'not'], unknown: ['? unknown', 'unknown'] }
function objective({ name, state, detail, within, metAtMs }) {
  const [text, tone] = marks[state] ?? ['– judged at the end', '']
  const notes = [within && 'within ' + within, metAtMs !== undefined && 'met at ' + time(metAtMs), detail].filter(Boolean)
  return make('li', {}, make('span', { className: 'state ' + tone, textContent: text }), ' ' + name,
    ...(notes.length ? [make('span', { className: 'detail', textContent: notes.join(' · ') })] : []))
}
function inject({ text, when, state }, index) {
  const buttons = state === 'waiting'
    ? [make('span', { className: 'buttons' },
        make('button', { type: 'button', textContent: 'Fire', ariaLabel: 'Fire: ' + text, onclick: () => act('fire', String(index + 1)) }),
        make('button', { type: 'button', textContent: 'Skip', ariaLabel: 'Skip: ' + text, onclick: () => act('skip', String(index + 1)) }))]
    : []
  return make('li', {}, make('span', { className: 'state', textContent: state }), ' ' + text,
    make('span', { className: 'detail', textContent: when }), ...buttons)
}
const person = ({ name, role, doing }) => make('li', {}, make('strong', { textContent: name }), role ? ' (' + role + ')' : '',
  ...(doing.length ? doing.map(({ node, command }) => make('span', { className: 'detail' }, node + ' ', make('code', { textContent: command }))) : [make('span', { className: 'detail', textContent: 'not on any machine' })]))
// Replaces a list only if it has changed: a button must not vanish under a finger.
const shown = new Map()
function list(id, items, of) {
  const text = JSON.stringify(items)
  if (shown.get(id) === text) return
  shown.set(id, text)
  const box = $(id), isAtEnd = box.scrollTop + box.clientHeight >= box.scrollHeight - 20
  box.replaceChildren(...(items.length ? items.map(of) : [make('li', { textContent: 'none' })]))
  if (isAtEnd) box.scrollTop = box.scrollHeight
}
let isEnded = false
function show(state) {
  document.title = time(state.clockMs) + ' ' + state.title
  $('title').textContent = state.title
  $('clock').replaceChildren(time(state.clockMs), make('small', { textContent: (state.limitMs ? ' of ' + time(state.limitMs) : '') + (state.isPaused ? ', paused' : '') + (state.isRunning ? '' : ', ended') }))
  $('pause').textContent = state.isPaused ? 'Resume' : 'Pause'
  $('pause').onclick = () => act(state.isPaused ? 'resume' : 'pause')
  $('hint').textContent = 'Hint (' + state.hints.taken + ' of ' + state.hints.count + (state.hints.price ? ', +' + state.hints.price : '') + ')'
  for (const button of document.querySelectorAll('button')) button.disabled = !state.isRunning
  if (state.isRunning) $('hint').disabled = state.hints.taken >= state.hints.count
  list('objectives', state.objectives, objective)
  list('people', state.people, person)
  list('injects', state.injects, inject)
  list('look', state.lookAt, (text) => make('li', { textContent: text }))
  list('timeline', state.timeline, (text) => make('li', { textContent: text }))
}
$('hint').onclick = () => act('hint')
$('verify').onclick = () => act('verify')
$('done').onclick = () => { if (confirm('End the work of the team, and judge it?')) act('done') }
$('off').onclick = () => { if (confirm('Call the exercise off?')) act('off', 'on the page') }
$('say').onsubmit = (event) => {
  event.preventDefault()
  const text = $('text').value.trim()
  if (text !== '') act('message', text).then(() => { $('text').value = '' })
}
const events = new EventSource('events')
events.onmessage = ({ data }) => { show(JSON.parse(data)); if (!isEnded && $('notice').textContent.startsWith('No connection')) notice('') }
events.addEventListener('end', () => { isEnded = true; events.close(); notice('The team has finished. The verdict is in the terminal, and in the report of the run.') })
events.onerror = () => { if (!isEnded) notice('No connection to the exercise.') }
`

/** Returns the facilitator's page. @param nonce for its style and its script */
export function livePageHtml(nonce: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Exercise</title>
<link rel="icon" href="data:,">
<style nonce="${nonce}">${pageStyle}</style>
</head>
<body>
<header><h1 id="title">Exercise</h1><div id="clock" role="timer">00:00</div></header>
<p id="notice" role="status"></p>
<div class="buttons">
<button type="button" id="pause">Pause</button>
<button type="button" id="hint">Hint</button>
<button type="button" id="verify">Look now</button>
<button type="button" id="done">Done</button>
<button type="button" id="off">Call off</button>
</div>
<main>
<section aria-labelledby="h1"><h2 id="h1">Objectives, if judged now</h2><ul id="objectives"></ul></section>
<section aria-labelledby="h2"><h2 id="h2">Participants</h2><ul id="people"></ul></section>
<section aria-labelledby="h3"><h2 id="h3">Injects</h2><ul id="injects"></ul></section>
<section aria-labelledby="h4"><h2 id="h4">Look at</h2><ul id="look"></ul></section>
<section class="wide" aria-labelledby="h5"><h2 id="h5">Timeline</h2><ol id="timeline" tabindex="0" aria-labelledby="h5"></ol></section>
<section class="wide" aria-labelledby="h6"><h2 id="h6">Message to all participants</h2>
<form id="say"><input id="text" aria-label="Message" maxlength="2000" autocomplete="off"><button>Send</button></form></section>
</main>
<script nonce="${nonce}">${script}</script>
</body>
</html>
`
}
