// SPDX-License-Identifier: GPL-3.0-only
// One line of a log on the page, and the boxes that choose which lines are shown. Text only.
import { LEVELS } from '../report/filter.js';
import { byId, fillSelect, make } from './dom.js';

/** @typedef {import('../report/filter').Filter} Filter */
/** @typedef {Pick<import('../types').MergedEntry, 'time' | 'repeats' | 'level' | 'kind' | 'participant' | 'connection' | 'stream' | 'text'>} Line */

/** @param {number} time Unix ms @returns {string} UTC, to the ms */
export function clockText(time) {
  const date = new Date(time);
  return Number.isNaN(date.getTime()) ? '?' : date.toISOString().slice(11, 23);
}

/**
 * @param {HTMLElement} row what it was opened to is kept
 * @param {Line} entry
 * @param {string[]} origin words before the text
 */
export function fillLine(row, entry, origin) {
  const times = [0, ...entry.repeats].map((after) => clockText(entry.time + after));
  const [head, ...rest] = entry.text.split(/\r?\n/);
  const wasOpen = row.querySelector('details')?.open === true;
  row.className = entry.level;
  const words = make('span', 'origin', [entry.kind, entry.level, ...origin, entry.connection, entry.stream].filter(Boolean).join(' · '));
  row.replaceChildren(make('time', '', times[times.length - 1]), words);
  if (rest.length === 0 && times.length === 1) {
    row.append(make('span', 'text', entry.text));
    return;
  }
  const details = make('details', 'text');
  const many = times.length > 1 ? ` (${times.length} times, first ${times[0]})` : '';
  details.append(make('summary', '', head + many));
  if (times.length > 1) details.append(make('p', 'times', times.join(' · ')));
  if (rest.length > 0) details.append(make('pre', '', rest.join('\n')));
  details.open = wasOpen;
  row.append(details);
}

/**
 * The four boxes `<prefix>-person`, `-stream`, `-kind` and `-level`.
 * @param {string} prefix
 * @param {() => void} onChange
 */
export function createFilters(prefix, onChange) {
  /** @type {Record<keyof Filter, HTMLSelectElement>} */
  const boxes = {
    person: byId(`${prefix}-person`),
    stream: byId(`${prefix}-stream`),
    kind: byId(`${prefix}-kind`),
    level: byId(`${prefix}-level`),
  };
  fillSelect(boxes.level, LEVELS.map((id) => ({ id, label: id })), 'info', '');
  for (const box of Object.values(boxes)) box.addEventListener('change', onChange);

  /** @param {HTMLSelectElement} box @param {string} all @param {Map<string, string>} choices */
  function fill(box, all, choices) {
    if (box.options.length === choices.size + 1) return;
    fillSelect(box, [{ id: '', label: all }, ...[...choices].map(([id, label]) => ({ id, label }))], box.value, '');
  }

  return {
    /** @returns {Filter} */
    value: () => ({
      person: boxes.person.value, stream: boxes.stream.value, kind: boxes.kind.value, level: boxes.level.value,
    }),
    /**
     * What there is to choose from; only ever grows.
     * @param {{people: Map<string, string>, streams: Set<string>, kinds: Set<string>}} known people: names by id
     */
    offer({ people, streams, kinds }) {
      fill(boxes.person, 'everyone', people);
      fill(boxes.stream, 'all', new Map([...streams].map((one) => [one, one])));
      fill(boxes.kind, 'all', new Map([...kinds].map((one) => [one, one])));
    },
    focus: () => boxes.level.focus(),
  };
}
