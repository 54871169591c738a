// SPDX-License-Identifier: GPL-3.0-only
// The log of this page: structured lines in a ring. Equal lines in a row are kept as one, with the time of each.

/** @typedef {import('../types').LogEntry} LogEntry */

/** Equal lines that one entry stands for, beyond the first: what the server takes of an entry. After that comes another entry. */
const REPEATS_MAX = 256;

/**
 * @param {number} [capacity] entries kept
 * @param {() => number} [now] Unix time, ms
 * @returns {import('../types').Log}
 */
export function createLog(capacity = 2000, now = Date.now) {
  /** @type {LogEntry[]} */
  const entries = [];
  /** @type {Set<(entry: LogEntry) => void>} */
  const listeners = new Set();
  let added = 0;

  return {
    add({ level = 'info', kind, participant = '', connection = '', stream = '', text }) {
      const time = now();
      let entry = entries.at(-1);
      if (
        entry &&
        entry.text === text &&
        entry.level === level &&
        entry.kind === kind &&
        entry.participant === participant &&
        entry.connection === connection &&
        entry.stream === stream &&
        entry.repeats.length < REPEATS_MAX
      ) {
        entry.repeats.push(Math.max(0, time - entry.time)); // clocks are set back
      } else {
        entry = { index: ++added, time, repeats: [], level, kind, participant, connection, stream, text };
        entries.push(entry);
        if (entries.length > capacity) entries.shift();
      }
      for (const listener of listeners) listener(entry);
    },
    entries: () => [...entries],
    watch(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
