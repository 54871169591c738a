// SPDX-License-Identifier: GPL-3.0-only
// The drawer with this page's log: `debug.start()` opens it, `debug.close()` closes it; lines can be filtered by
// person and level.
import { byId, fillSelect, make } from './ui/dom.js';

/** @typedef {import('./types').LogEntry} LogEntry */
/** @typedef {import('./types').Level} Level */

/** @type {Level[]} */
const LEVELS = ['debug', 'info', 'warn', 'error'];
const SHORTCUT = 'KeyL';

/** @param {number} time Unix ms @returns {string} */
const clock = (time) => new Date(time).toISOString().slice(11, 23);

/**
 * @param {object} options
 * @param {import('./types').Log} options.log
 * @param {(id: string) => string} options.nameOf a participant; empty if unknown
 */
export function createDebugger({ log, nameOf }) {
  const drawer = byId('debugger');
  const button = byId('open-log');
  const lines = byId('log-lines');
  /** @type {HTMLSelectElement} */
  const person = byId('log-person');
  /** @type {HTMLSelectElement} */
  const level = byId('log-level');
  /** @type {Map<number, HTMLElement>} */
  const shown = new Map();
  /** @type {Map<string, string>} */
  const people = new Map();
  /** @type {(() => void) | null} */
  let stopWatching = null;

  fillSelect(
    level,
    LEVELS.map((id) => ({ id, label: id })),
    'info',
    '',
  );
  level.addEventListener('change', showAll);
  person.addEventListener('change', showAll);
  button.addEventListener('click', () => (drawer.hidden ? start() : close()));
  byId('close-log').addEventListener('click', close);
  document.addEventListener('keydown', (event) => {
    if (event.altKey && event.shiftKey && event.code === SHORTCUT) {
      event.preventDefault();
      if (drawer.hidden) start();
      else close();
    } else if (event.key === 'Escape' && drawer.contains(document.activeElement)) {
      close();
    }
  });

  /** @param {LogEntry} entry */
  const isWanted = (entry) =>
    LEVELS.indexOf(entry.level) >= LEVELS.indexOf(/** @type {Level} */ (level.value)) &&
    (person.value === '' || entry.participant === person.value);

  /** People stay in the list after they have left: their lines are still there. @param {string} id */
  function learnPerson(id) {
    const name = nameOf(id) || people.get(id) || id;
    if (!id || people.get(id) === name) return;
    people.set(id, name);
    fillPeople();
  }

  function fillPeople() {
    const choices = [...people].map(([id, label]) => ({ id, label }));
    fillSelect(person, [{ id: '', label: 'everyone' }, ...choices], person.value, '');
  }

  /** @param {LogEntry} entry */
  function show(entry) {
    learnPerson(entry.participant);
    if (!isWanted(entry)) return;
    const atEnd = lines.scrollHeight - lines.scrollTop - lines.clientHeight < 40;
    let line = shown.get(entry.index);
    if (!line) {
      line = make('li', entry.level);
      shown.set(entry.index, line);
      lines.append(line);
    }
    const origin = [entry.kind, entry.connection, people.get(entry.participant)].filter(Boolean).join(' · ');
    line.replaceChildren(
      make('time', '', clock(entry.last)),
      make('span', 'origin', origin),
      make('span', 'text', entry.count > 1 ? `${entry.text} (${entry.count} times)` : entry.text),
    );
    if (atEnd) lines.scrollTop = lines.scrollHeight;
  }

  function showAll() {
    shown.clear();
    lines.replaceChildren();
    log.entries().forEach(show);
    lines.scrollTop = lines.scrollHeight;
  }

  function start() {
    if (!drawer.hidden) return;
    drawer.hidden = false;
    button.setAttribute('aria-expanded', 'true');
    fillPeople();
    showAll();
    stopWatching = log.watch(show);
    level.focus();
  }

  function close() {
    if (drawer.hidden) return;
    stopWatching?.();
    drawer.hidden = true;
    button.setAttribute('aria-expanded', 'false');
    button.focus();
  }

  return { start, close };
}
