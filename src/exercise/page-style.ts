/** The style of the pages of an exercise. */
export const pageStyle = `
:root { color-scheme: light dark; --line: #8886; --good: #19733a; --bad: #b3261e; --unsure: #8a5a00; --quiet: #6668; }
@media (prefers-color-scheme: dark) { :root { --good: #6fd08f; --bad: #ff8a80; --unsure: #ffca6a; --quiet: #aaa8; } }
* { box-sizing: border-box; }
body { font: 16px/1.45 system-ui, sans-serif; margin: 0 auto; max-width: 76rem; padding: 1rem; overflow-wrap: anywhere; }
h1 { font-size: 1.25rem; margin: 0; } h2 { font-size: 1rem; margin: 0 0 .5rem; }
header { display: flex; flex-wrap: wrap; gap: .5rem 1.5rem; align-items: center; justify-content: space-between; }
#clock { font-size: 2.25rem; font-variant-numeric: tabular-nums; font-weight: 600; }
#clock small { font-size: 1rem; font-weight: 400; }
#notice { min-height: 1.45em; margin: .25rem 0; color: var(--bad); }
.buttons { display: flex; flex-wrap: wrap; gap: .5rem; margin: .5rem 0 1rem; }
button { font: inherit; padding: .4rem .8rem; min-height: 2.75rem; border: 1px solid var(--line); border-radius: .4rem; cursor: pointer; }
button:disabled { opacity: .5; cursor: default; }
main { display: grid; gap: 1rem; grid-template-columns: repeat(auto-fit, minmax(min(100%, 24rem), 1fr)); align-items: start; }
section { border: 1px solid var(--line); border-radius: .5rem; padding: .75rem 1rem; }
ul, ol { margin: 0; padding: 0; list-style: none; } li { padding: .35rem 0; border-top: 1px solid var(--line); }
li:first-child { border-top: 0; }
.detail { display: block; font-size: .875rem; opacity: .8; }
.state { font-weight: 600; } .holds { color: var(--good); } .not { color: var(--bad); } .unknown { color: var(--unsure); }
code { font: .875rem/1.4 ui-monospace, monospace; }
#timeline { max-height: 60vh; overflow: auto; font: .8125rem/1.5 ui-monospace, monospace; }
.wide { grid-column: 1 / -1; }
form { display: flex; gap: .5rem; flex-wrap: wrap; } input { font: inherit; flex: 1 1 12rem; padding: .4rem; min-height: 2.75rem; min-width: 0; }
`
