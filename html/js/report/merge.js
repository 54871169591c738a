// SPDX-License-Identifier: GPL-3.0-only
// A report as one timeline: everyone's lines and the server's, on the server's clock. Pure. What is in the file was written by
// browsers that may lie, so nothing of it is taken for granted.

/** @typedef {import('../types').MergedEntry} MergedEntry */
/** @typedef {import('../types').MergedReport} MergedReport */

/** Who is named as the source of the server's own lines. */
export const SERVER = 'server';
const LEVELS = new Set(['debug', 'info', 'warn', 'error']);

/** @param {unknown} value */
const text = (value) => (typeof value === 'string' ? value : '');
/** @param {unknown} value @param {number} [fallback] */
const number = (value, fallback = 0) => (typeof value === 'number' && Number.isFinite(value) ? value : fallback);
/** @param {unknown} value @returns {any[]} */
const list = (value) => (Array.isArray(value) ? value : []);

/** @param {unknown} value @returns {Record<string, number>} */
function numbers(value) {
  if (typeof value !== 'object' || value === null) return {};
  return Object.fromEntries(Object.entries(value).filter(([, one]) => typeof one === 'number'));
}

/**
 * @param {any} raw
 * @param {string} source whose log it is in
 * @param {number} offset ms
 * @returns {MergedEntry}
 */
function readEntry(raw, source, offset) {
  return {
    time: number(raw?.time) + offset,
    repeats: list(raw?.repeats).map((after) => Math.max(0, number(after))),
    level: LEVELS.has(raw?.level) ? raw.level : 'info',
    kind: text(raw?.kind) || 'other',
    source,
    participant: text(raw?.participant),
    connection: text(raw?.connection),
    stream: text(raw?.stream),
    text: text(raw?.text),
    data: numbers(raw?.data),
  };
}

/** What the server counted of one stream, or of its way to one person. @param {any} raw */
function readFlow(raw) {
  return {
    participant: text(raw?.participant),
    stream: text(raw?.stream),
    codec: text(raw?.codec),
    to: text(raw?.to),
    packets: number(raw?.packets),
    bytes: number(raw?.bytes),
    // zero when the stream began later
    newBytes: number(raw?.bytes) - number(raw?.bytes_before),
    keyframes: raw?.keyframes_asked === undefined ? null : number(raw.keyframes_asked),
    switches: raw?.layer_switches === undefined ? null : number(raw.layer_switches),
  };
}

/** Puts texts together again that were too long for one entry (upload.js). @param {MergedEntry[]} entries of one source */
function joinPieces(entries) {
  /** @type {Map<string, MergedEntry[]>} */
  const open = new Map();
  /** @type {MergedEntry[]} */
  const joined = [];
  for (const entry of entries) {
    const { piece, pieces } = entry.data;
    if (!(pieces > 1)) {
      joined.push(entry);
      continue;
    }
    const key = [entry.time, entry.kind, entry.connection, pieces].join(' ');
    const found = open.get(key) ?? [];
    found[piece] = entry;
    open.set(key, found);
    if (found.filter(Boolean).length === pieces) {
      const { piece: _, pieces: __, ...data } = found[0].data;
      joined.push({ ...found[0], data, text: found.map((one) => one.text).join('') });
      open.delete(key);
    }
  }
  for (const found of open.values()) joined.push(...found.filter(Boolean));
  return joined;
}

/**
 * Buzz's own client sends the newest first; turned round, lines of the same instant are in their order.
 * @param {any[]} entries
 */
function oldestFirst(entries) {
  return number(entries[0]?.time) > number(entries[entries.length - 1]?.time) ? [...entries].reverse() : entries;
}

/**
 * @param {unknown} file the parsed JSON of a report, format 1
 * @returns {MergedReport}
 * @throws {Error} if it is something else
 */
export function mergeReport(file) {
  const report = /** @type {any} */ (file);
  if (typeof report !== 'object' || report === null || report.format !== 1) throw new Error('This is not a report of Buzz (format 1).');
  const people = list(report.participants).map((one) => ({
    id: text(one?.id),
    display: text(one?.display),
    offset: number(one?.offset_ms),
    error: number(one?.error_ms),
    complete: one?.complete === true,
    reason: text(one?.reason),
    entries: list(one?.entries),
  }));
  const all = people.flatMap(({ id, offset, entries }) => joinPieces(oldestFirst(entries).map((raw) => readEntry(raw, id, offset))));
  all.push(...list(report.server?.entries).map((raw) => readEntry(raw, SERVER, 0)));
  // the same instant: the order in which they stand in the file
  const timeline = all.filter(({ kind }) => kind !== 'stats').sort((a, b) => a.time - b.time);
  return {
    id: text(report.id),
    room: text(report.room),
    tenant: text(report.tenant),
    text: text(report.text),
    by: text(report.by),
    started: number(report.started),
    version: text(report.server?.version),
    people: people.map(({ entries, ...one }) => ({ ...one, lines: entries.length })),
    tookMs: number(report.server?.took_ms),
    flows: list(report.server?.streams).map(readFlow),
    timeline,
    samples: all.filter(({ kind }) => kind === 'stats').sort((a, b) => a.time - b.time),
  };
}
