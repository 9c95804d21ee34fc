import { escapeHtml } from '../../text/escape-html.ts'
import type { Notice, WorkloadNotice } from './notice.ts'
import {
  closingText,
  headingOf,
  introductionOf,
  labelOf,
  legend,
  listedOf,
  mailSubject,
  marks,
  type NoticeOptions,
  nextStepsOf,
  outsideOf,
  restOf,
  whenOf,
} from './notice-wording.ts'
import type { SnapshotNotice, Standing } from './snapshot-notice.ts'

/** Returns a notice as a page of its own, which loads nothing: no image, font, script or link. */
export function noticeHtml(notice: Notice, options: NoticeOptions): string {
  const listed = listedOf(notice)
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta name="color-scheme" content="light dark">
<title>${escapeHtml(mailSubject(notice))}</title>
<style>${style}</style>
</head>
<body>
<main>
<p>Hello ${escapeHtml(notice.user)},</p>
${introductionOf(notice)
  .map((sentence) => `<p>${escapeHtml(sentence)}</p>`)
  .join('\n')}
<ul class="legend">
${legend.map(([standing, meaning]) => `<li>${badge(standing)} ${escapeHtml(meaning)}</li>`).join('\n')}
</ul>
${notice.workloads.map((workload) => section(workload, listed)).join('\n')}
<h2>What to do next</h2>
<ol>
${nextStepsOf(notice, options)
  .map((step) => `<li>${escapeHtml(step)}</li>`)
  .join('\n')}
</ol>
<p class="quiet">${escapeHtml(closingText)}</p>
</main>
</body>
</html>
`
}

function section(workload: WorkloadNotice, listed: number): string {
  const outside = outsideOf(workload)
  const rest = restOf(workload, listed)
  return `<section>
<h2>${escapeHtml(workload.name)}</h2>
<p class="quiet">project ${escapeHtml(workload.project)} &middot; <code>${escapeHtml(workload.workloadId)}</code></p>
<p><strong>${escapeHtml(headingOf(workload))}</strong></p>
${outside === undefined ? '' : `<p>${escapeHtml(outside)}</p>\n`}<ul class="snapshots">
${workload.snapshots.slice(0, listed).map(item).join('\n')}
</ul>
${rest === undefined ? '' : `<p class="quiet">${escapeHtml(rest)}</p>\n`}</section>`
}

function item(snapshot: SnapshotNotice): string {
  const { standing, snapshotId, reason } = snapshot
  return `<li><div>${badge(standing)} <strong>${escapeHtml(labelOf(snapshot))}</strong></div>
<div>${escapeHtml(whenOf(snapshot))}</div>
<div class="quiet"><code>${escapeHtml(snapshotId)}</code></div>
<div>${escapeHtml(reason)}</div></li>`
}

const classes: Readonly<Record<Standing, string>> = {
  restores: 'good',
  'not proven': 'unsure',
  'does not restore': 'bad',
}

const badge = (standing: Standing): string =>
  `<span class="badge ${classes[standing]}">${marks[standing]} ${escapeHtml(standing)}</span>`

// Mail programs that drop styles show plain headings and lists, which read the same.
const style = `
:root { color-scheme: light dark; }
body { margin: 0; padding: 16px; background: #f4f5f7; color: #1c2430;
  font: 16px/1.5 -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif; }
main { max-width: 640px; margin: 0 auto; padding: 24px; background: #ffffff; border: 1px solid #dde1e7; border-radius: 8px; }
/* Stacked marks of a name stay within it. */
h2, .snapshots li { overflow: hidden; }
h2 { font-size: 19px; line-height: 1.3; margin: 28px 0 4px; overflow-wrap: anywhere; }
p { margin: 8px 0; overflow-wrap: anywhere; }
code { font: 13px/1.4 ui-monospace, Consolas, monospace; overflow-wrap: anywhere; }
ul { list-style: none; margin: 12px 0; padding: 0; }
ol { margin: 8px 0; padding-left: 24px; }
ol li { margin: 6px 0; overflow-wrap: anywhere; }
.legend { font-size: 14px; }
.legend li { margin: 6px 0; }
.snapshots li { margin: 0; padding: 12px 0; border-top: 1px solid #dde1e7; overflow-wrap: anywhere; }
.quiet { color: #5a6573; font-size: 14px; }
.badge { display: inline-block; padding: 1px 8px; margin-right: 6px; border-radius: 10px; font-size: 14px; font-weight: 600;
  white-space: nowrap; }
.good { background: #d9f2e0; color: #0b5a27; }
.unsure { background: #fdf0c8; color: #664700; }
.bad { background: #fbdcdc; color: #8d1515; }
@media (prefers-color-scheme: dark) {
  body { background: #12161c; color: #e4e8ee; }
  main { background: #1b212a; border-color: #333c48; }
  .snapshots li { border-color: #333c48; }
  .quiet { color: #a3aebc; }
  .good { background: #123d20; color: #9be5b1; }
  .unsure { background: #43360a; color: #f5d67b; }
  .bad { background: #4d1717; color: #ffb3b3; }
}
@media (max-width: 480px) {
  body { padding: 0; }
  main { border: 0; border-radius: 0; padding: 16px; }
}
`
