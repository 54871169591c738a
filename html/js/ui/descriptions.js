// SPDX-License-Identifier: GPL-3.0-only
// The session descriptions on the page: one at a time, whole or as its difference to the one before it.
import { diffLines } from '../report/diff.js';
import { fillSelect, make } from './dom.js';
import { clockText } from './log-line.js';

/** @typedef {import('../types').Description} Description */

/** @type {Record<string, string>} */
const CLASSES = { '+': 'added', '-': 'removed', ' ': 'same' };

/**
 * @param {object} parts
 * @param {HTMLSelectElement} parts.select
 * @param {HTMLInputElement} parts.onlyChanges a check box
 * @param {HTMLElement} parts.text a `pre`
 */
export function createDescriptionView({ select, onlyChanges, text }) {
  /** @type {Description[]} */
  let all = [];
  select.addEventListener('change', show);
  onlyChanges.addEventListener('change', show);

  function show() {
    const chosen = all.find(({ index }) => String(index) === select.value) ?? all[all.length - 1];
    if (!chosen) {
      text.replaceChildren(make('span', 'same', 'No description has been set yet.'));
      return;
    }
    const earlier = all.filter(
      ({ index, connection, side }) => index < chosen.index && connection === chosen.connection && side === chosen.side,
    );
    const before = earlier.at(-1);
    const lines = before ? diffLines(before.sdp, chosen.sdp) : diffLines('', chosen.sdp).map((line) => ({ ...line, sign: ' ' }));
    const wanted = onlyChanges.checked && before ? lines.filter(({ sign }) => sign !== ' ') : lines;
    const shown = wanted.length > 0 ? wanted : [{ sign: ' ', text: 'The same as the one before.' }];
    text.replaceChildren(...shown.map(({ sign, text: line }) => make('span', CLASSES[sign], `${sign} ${line}\n`)));
  }

  return {
    /** @param {Description[]} descriptions */
    render(descriptions) {
      const newest = String(all[all.length - 1]?.index ?? '');
      const keep = select.value !== newest && descriptions.some(({ index }) => String(index) === select.value);
      if (descriptions.length === all.length && descriptions.length > 0) return;
      all = descriptions;
      const choices = all.map(({ index, time, connection, side, type }) => ({
        id: String(index),
        label: `${clockText(time)} ${connection} ${side} ${type}`,
      }));
      fillSelect(select, choices, keep ? select.value : String(all[all.length - 1]?.index ?? ''), 'None yet');
      show();
    },
  };
}
