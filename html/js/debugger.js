// SPDX-License-Identifier: GPL-3.0-only
// The drawer that shows what this page and its connections do: `debug.start()` opens it, `debug.close()` closes it. The log,
// graphs of every stream, the connections with their states, and the session descriptions.
import { makeFilter } from './report/filter.js';
import { createConnectionList } from './ui/connections.js';
import { createDescriptionView } from './ui/descriptions.js';
import { byId, make } from './ui/dom.js';
import { createGraphs } from './ui/graphs.js';
import { createFilters, fillLine } from './ui/log-line.js';

/** @typedef {import('./types').LogEntry} LogEntry */

const SHORTCUT = 'KeyL';
const REFRESH_MS = 2000;
const TABS = /** @type {const} */ (['log', 'graphs', 'connections', 'sdp']);

/**
 * @param {object} options
 * @param {import('./types').Log} options.log
 * @param {import('./report/series').Series} options.series
 * @param {import('./report/descriptions').Descriptions} options.descriptions
 * @param {() => import('./types').ConnectionState[]} options.connections
 * @param {(id: string) => string} options.nameOf a participant; empty if unknown
 * @param {() => string} options.self own participant id; empty before it is known
 */
export function createDebugger({ log, series, descriptions, connections, nameOf, self }) {
  const drawer = byId('debugger');
  const button = byId('open-log');
  const lines = byId('log-lines');
  const filters = createFilters('log', showAll);
  const graphs = createGraphs(byId('debugger-graphs'), ({ participant, connection, stream }) =>
    [nameOf(participant) || participant, stream, connection === 'pub' ? 'sent' : 'received'].join(' · '),
  );
  const list = createConnectionList(byId('debugger-connections'), (id) => nameOf(id) || id);
  const view = createDescriptionView({
    select: byId('sdp-choice'),
    onlyChanges: byId('sdp-changes'),
    text: byId('sdp-text'),
  });
  /** @type {Map<number, HTMLElement>} */
  const shown = new Map();
  /** People stay in the list after they have left: their lines are still there. */
  const known = { people: /** @type {Map<string, string>} */ (new Map()), streams: new Set(), kinds: new Set() };
  let isWanted = makeFilter(filters.value());
  /** @type {(() => void) | null} */
  let stopWatching = null;
  /** @type {ReturnType<typeof setInterval> | undefined} */
  let timer;

  button.addEventListener('click', () => (drawer.hidden ? start() : close()));
  byId('close-log').addEventListener('click', close);
  for (const tab of TABS) byId(`tab-${tab}`).addEventListener('click', () => choose(tab));
  document.addEventListener('keydown', (event) => {
    if (event.altKey && event.shiftKey && event.code === SHORTCUT) {
      event.preventDefault();
      if (drawer.hidden) start();
      else close();
    } else if (event.key === 'Escape' && drawer.contains(document.activeElement)) {
      close();
    }
  });

  /** @param {typeof TABS[number]} chosen */
  function choose(chosen) {
    for (const tab of TABS) {
      byId(`tab-${tab}`).setAttribute('aria-selected', String(tab === chosen));
      byId(`panel-${tab}`).hidden = tab !== chosen;
    }
    refresh();
  }

  function refresh() {
    if (!byId('panel-graphs').hidden) graphs.render(series.all());
    if (!byId('panel-connections').hidden) list.render(connections());
    if (!byId('panel-sdp').hidden) view.render(descriptions.all());
  }

  /** @param {LogEntry} entry */
  function learn({ participant, stream, kind }) {
    if (participant) known.people.set(participant, nameOf(participant) || known.people.get(participant) || participant);
    if (stream) known.streams.add(stream);
    known.kinds.add(kind);
    filters.offer(known);
  }

  /** @param {LogEntry} added */
  function show(added) {
    // a line about nobody is about this person
    const entry = { ...added, participant: added.participant || self() };
    learn(entry);
    if (!isWanted(entry)) return;
    const atEnd = lines.scrollHeight - lines.scrollTop - lines.clientHeight < 40;
    let line = shown.get(entry.index);
    if (!line) {
      line = make('li');
      shown.set(entry.index, line);
      lines.append(line);
    }
    fillLine(line, entry, [known.people.get(entry.participant) ?? '']);
    forgetOldest();
    if (atEnd) lines.scrollTop = lines.scrollHeight;
  }

  /** What the log's ring has dropped is dropped here too. */
  function forgetOldest() {
    const oldest = log.entries()[0]?.index ?? 0;
    for (const [index, line] of shown) {
      if (index >= oldest) return;
      line.remove();
      shown.delete(index);
    }
  }

  function showAll() {
    isWanted = makeFilter(filters.value());
    shown.clear();
    lines.replaceChildren();
    log.entries().forEach(show);
    lines.scrollTop = lines.scrollHeight;
  }

  function start() {
    if (!drawer.hidden) return;
    drawer.hidden = false;
    button.setAttribute('aria-expanded', 'true');
    showAll();
    refresh();
    stopWatching = log.watch(show);
    timer = setInterval(refresh, REFRESH_MS);
    filters.focus();
  }

  function close() {
    if (drawer.hidden) return;
    stopWatching?.();
    clearInterval(timer);
    drawer.hidden = true;
    button.setAttribute('aria-expanded', 'false');
    button.focus();
  }

  return { start, close };
}
