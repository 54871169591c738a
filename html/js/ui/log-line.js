// SPDX-License-Identifier: GPL-3.0-only
// One line of a log on the page, and the boxes that choose which lines are shown. Text only.
import { LEVELS } from '../report/filter.js';
import { byId, fillSelect, make } from './dom.js';

/** @typedef {import('../report/filter').Filter} Filter */
/** @typedef {Pick<import('../types').MergedEntry, 'time' | 'last' | 'count' | 'level' | 'kind' | 'participant' | 'connection' | 'stream' | 'text'>} Line */

/** @param {number} time Unix ms @returns {string} UTC, to the ms */
export function clockText(time) {
  const date = new Date(time);
  return Number.isNaN(date.getTime()) ? '?' : date.toISOString().slice(11, 23);
}

/**
 * @param {HTMLElement} row
 * @param {Line} entry
 * @param {string[]} origin words before the text
 */
export function fillLine(row, entry, origin) {
  const many = entry.count > 1 ? ` (${entry.count} times, first ${clockText(entry.time)})` : '';
  const [head, ...rest] = entry.text.split(/\r?\n/);
  row.className = entry.level;
  const words = make('span', 'origin', [entry.kind, entry.level, ...origin, entry.connection, entry.stream].filter(Boolean).join(' · '));
  row.replaceChildren(make('time', '', clockText(entry.last)), words);
  if (rest.length === 0) {
    row.append(make('span', 'text', entry.text + many));
    return;
  }
  const details = make('details', 'text');
  details.append(make('summary', '', head + many), make('pre', '', rest.join('\n')));
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
