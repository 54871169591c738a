// SPDX-License-Identifier: GPL-3.0-only
// Which lines are wanted: by person, stream, kind and level. The same for the debugger and for reports. Pure.

/** @typedef {import('../types').Level} Level */
/** @typedef {{person: string, stream: string, kind: string, level: string}} Filter empty: all */

/** @type {Level[]} */
export const LEVELS = ['debug', 'info', 'warn', 'error'];

/**
 * @param {Filter} filter
 * @returns {(entry: {level: Level, kind: string, participant: string, stream: string, source?: string}) => boolean}
 */
export function makeFilter({ person, stream, kind, level }) {
  const least = LEVELS.indexOf(/** @type {Level} */ (level));
  return (entry) =>
    LEVELS.indexOf(entry.level) >= least &&
    (person === '' || entry.participant === person || entry.source === person) &&
    (stream === '' || entry.stream === stream) &&
    (kind === '' || entry.kind === kind);
}
