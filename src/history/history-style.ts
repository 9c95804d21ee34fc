/** The styles of the page of a history. They follow those of the page of a run. */
export const historyStyle = `
:root { color-scheme: light dark; --text: #1b1f24; --faint: #57606a; --ground: #fff; --line: #d0d7de; --raised: #f6f8fa;
  --good: #116329; --bad: #a40e26; --unsure: #7d4e00; --link: #0550ae; }
@media (prefers-color-scheme: dark) {
  :root { --text: #e6edf3; --faint: #9da7b3; --ground: #0d1117; --line: #30363d; --raised: #161b22;
    --good: #56d364; --bad: #ff8182; --unsure: #e3b341; --link: #79c0ff; }
}
body { margin: 0; color: var(--text); background: var(--ground); font: 16px/1.5 system-ui, sans-serif; overflow-wrap: anywhere; }
header, main, footer { max-width: 80rem; margin: 0 auto; padding: 1rem; }
header { border-left: .4rem solid var(--good); }
header.failed { border-color: var(--bad); }
h1 { font-size: 1.8rem; margin: 0; }
header.passed h1, .passed { color: var(--good); }
header.failed h1, .failed { color: var(--bad); }
.unknown { color: var(--unsure); }
.not-run, footer { color: var(--faint); }
.passed, .failed, .unknown, .not-run { white-space: nowrap; }
header.passed, header.failed { color: inherit; white-space: normal; }
header h1 { white-space: normal; }
a { color: var(--link); }
code { font-size: .85em; color: var(--faint); }
.scrolls { overflow-x: auto; }
table { border-collapse: collapse; font-size: .9rem; }
th, td { border: 1px solid var(--line); padding: .3rem .6rem; text-align: left; vertical-align: top; font-weight: normal;
  overflow-wrap: normal; }
thead th { background: var(--raised); font-weight: 600; }
details { border: 1px solid var(--line); margin: .5rem 0; padding: .5rem .8rem; }
@media print { a { color: inherit; } details { break-inside: avoid; } .scrolls { overflow: visible; } }
`
