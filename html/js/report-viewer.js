// SPDX-License-Identifier: GPL-3.0-only
// The report page: opens a report from a file, or by its id through an open page of its room, and shows everyone's lines on one
// clock. Whatever the file says is text.
import { makeFilter } from './report/filter.js';
import { mergeReport, SERVER } from './report/merge.js';
import { askForReport } from './report/share.js';
import { byId, make } from './ui/dom.js';
import { createGraphs } from './ui/graphs.js';
import { createFilters, fillLine } from './ui/log-line.js';

/** @typedef {import('./types').MergedReport} MergedReport */
/** @typedef {import('./types').StreamSeries} StreamSeries */

/** Lines shown at once: so many the page draws without delay. */
const PAGE = 1000;

/** @type {MergedReport | null} */
let report = null;
let shown = PAGE;
const filters = createFilters('log', () => {
  shown = PAGE;
  render();
});
const graphs = createGraphs(byId('graphs'), ({ participant, connection, stream, key }) =>
  [nameOf(key.split('\n')[0]), connection === 'pub' ? `sends ${stream}` : `receives ${nameOf(participant)} · ${stream}`].join(' '),
);

/** @param {string} id @returns {string} */
function nameOf(id) {
  if (id === SERVER) return 'Server';
  return report?.people.find((one) => one.id === id)?.display || id;
}

/** @param {string} problem */
function say(problem) {
  byId('problem').textContent = problem;
}

function renderHead() {
  if (!report) return;
  byId('report-title').textContent = report.text || 'Report without words';
  const when = new Date(report.started);
  byId('report-facts').textContent = [
    `Room ${report.room} on ${report.tenant}`,
    `by ${nameOf(report.by)}`,
    Number.isNaN(when.getTime()) ? '' : `${when.toISOString().replace('T', ' ').slice(0, 19)} UTC`,
    `report ${report.id}`,
    `Buzz ${report.version}`,
  ].filter(Boolean).join(' · ');
  byId('people').replaceChildren(...report.people.map((one) => {
    const row = make('li', one.complete ? 'complete' : 'incomplete');
    const state = one.complete ? `${one.lines} entries` : `${one.lines} entries, incomplete: ${one.reason}`;
    const clock = one.lines > 0 ? `clock ${one.offset >= 0 ? '+' : ''}${one.offset} ms ± ${one.error} ms` : 'clock unknown';
    row.append(make('strong', '', one.display || one.id), make('span', '', one.id), make('span', '', state), make('span', '', clock));
    return row;
  }));
}

function renderFlows() {
  // a report that was complete at once says nothing of rates
  const { flows, tookMs } = /** @type {MergedReport} */ (report);
  byId('flows').replaceChildren(...flows.map((flow) => {
    const row = make('tr');
    const rate = tookMs >= 1000 ? `${Math.round((flow.newBytes * 8) / tookMs)} kbit/s` : '';
    const cells = [
      nameOf(flow.participant), `${flow.stream} ${flow.codec}`, flow.to ? nameOf(flow.to) : 'the server', rate,
      flow.packets, flow.bytes, flow.keyframes ?? '', flow.switches ?? '',
    ];
    row.append(...cells.map((cell) => make('td', '', String(cell))));
    return row;
  }));
}

/** @returns {StreamSeries[]} */
function seriesOf() {
  /** @type {Map<string, StreamSeries>} */
  const all = new Map();
  for (const { source, participant, connection, stream, time, data } of report?.samples ?? []) {
    const key = [source, connection, participant, stream].join('\n');
    const series = all.get(key) ?? { key, participant, connection, stream, samples: [] };
    series.samples.push({ time, data });
    all.set(key, series);
  }
  const { person, stream } = filters.value();
  const sorted = [...all.values()].sort((a, b) => a.key.localeCompare(b.key));
  return sorted.filter(
    (one) =>
      (!person || one.participant === person || one.key.startsWith(`${person}\n`)) && (!stream || one.stream === stream),
  );
}

function render() {
  if (!report) return;
  const wanted = report.timeline.filter(makeFilter(filters.value()));
  const first = Math.max(0, wanted.length - shown);
  byId('count').textContent = `${wanted.length} of ${report.timeline.length} lines`;
  byId('earlier').hidden = first === 0;
  byId('lines').replaceChildren(...wanted.slice(first).map((entry) => {
    const row = make('li');
    const about = entry.participant && entry.participant !== entry.source ? `about ${nameOf(entry.participant)}` : '';
    fillLine(row, entry, [nameOf(entry.source), about]);
    row.dataset.source = entry.source;
    return row;
  }));
  graphs.render(seriesOf());
}

/** @param {string} text the file's */
function open(text) {
  try {
    report = mergeReport(JSON.parse(text));
  } catch (error) {
    say(error instanceof SyntaxError ? 'This file is not a report: it is not JSON.' : /** @type {Error} */ (error).message);
    return;
  }
  say('');
  byId('welcome').hidden = true;
  byId('report').hidden = false;
  const entries = report.timeline;
  filters.offer({
    people: new Map([[SERVER, 'Server'], ...report.people.map(({ id, display }) => /** @type {[string, string]} */ ([id, display || id]))]),
    streams: new Set([...entries, ...report.samples].map(({ stream }) => stream).filter(Boolean)),
    kinds: new Set(entries.map(({ kind }) => kind)),
  });
  /** @type {HTMLAnchorElement} */
  const save = byId('save');
  save.href = URL.createObjectURL(new Blob([text], { type: 'application/json' }));
  save.download = `buzz-report-${report.id.replace(/[^A-Za-z0-9_-]/g, '')}.json`;
  renderHead();
  renderFlows();
  render();
}

byId('earlier').addEventListener('click', () => {
  shown += PAGE;
  render();
});
/** @type {HTMLInputElement} */
const file = byId('file');
file.addEventListener('change', async () => file.files?.[0] && open(await file.files[0].text()));
document.addEventListener('dragover', (event) => event.preventDefault());
document.addEventListener('drop', async (event) => {
  event.preventDefault();
  const dropped = event.dataTransfer?.files[0];
  if (dropped) open(await dropped.text());
});
addEventListener('resize', () => report && graphs.render(seriesOf()));

const id = new URLSearchParams(location.search).get('id');
if (id) {
  say('Fetching the report from the open room…');
  askForReport(id).then(open, (error) => say(error.message));
}
