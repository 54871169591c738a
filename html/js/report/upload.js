// SPDX-License-Identifier: GPL-3.0-only
// Cuts this page's log into the parts that `log` carries (docs/protocol.md, Reports), newest first: what does not fit, or
// does not arrive in time, is the oldest.
import { redact } from './redact.js';

/** @typedef {import('../types').ReportEntry} ReportEntry */

/** UTF-8 bytes of one part's entries; the server takes 49152. */
const PART_BYTES = 44_000;
const PART_ENTRIES = 2000;
/** UTF-16 units of one entry's text, of which the server takes 16384 bytes; longer ones (session descriptions) become several pieces. */
const PIECE = 3300;
/** Share of the allowance that lines get before statistics. */
const LINES_SHARE = 0.7;

/** Half a pair: no UTF-8 can carry it. */
const LONE_SURROGATE = /\p{Cs}/gu;

const encoder = new TextEncoder();

/** @param {string} text @param {number} length UTF-16 units @returns {string[]} never cut inside a character */
function cut(text, length) {
  const pieces = [];
  for (let at = 0; at < text.length; ) {
    let end = Math.min(at + length, text.length);
    if (end < text.length && /[\uD800-\uDBFF]/.test(text[end - 1])) end -= 1;
    pieces.push(text.slice(at, end));
    at = end;
  }
  return pieces.length > 0 ? pieces : [''];
}

/** @param {ReportEntry} entry @returns {ReportEntry[]} */
function pieces(entry) {
  const texts = cut(redact(entry.text.replace(LONE_SURROGATE, '\uFFFD')), PIECE);
  if (texts.length === 1) return [{ ...entry, text: texts[0] }];
  return texts.map((text, index) => ({ ...entry, text, data: { ...entry.data, piece: index, pieces: texts.length } }));
}

/** @param {ReportEntry} entry @returns {ReportEntry} without what is empty */
function slim(entry) {
  /** @type {any} */
  const kept = {};
  for (const [name, value] of Object.entries(entry)) {
    if (name === 'text' || value.length !== 0) kept[name] = value;
  }
  return kept;
}

/**
 * Takes entries, newest first, while they fit.
 * @param {ReportEntry[]} entries oldest first
 * @param {number} allowance bytes
 */
function choose(entries, allowance) {
  /** @type {{json: string, bytes: number}[]} */
  const chosen = [];
  let used = 0;
  for (const entry of [...entries].reverse()) {
    const rows = pieces(slim(entry)).map((piece) => {
      const json = JSON.stringify(piece);
      return { json, bytes: encoder.encode(json).length + 1 };
    });
    const bytes = rows.reduce((sum, row) => sum + row.bytes, 0);
    if (used + bytes > allowance) break;
    used += bytes;
    chosen.push(...rows);
  }
  return { chosen, used };
}

/**
 * @param {ReportEntry[]} lines oldest first
 * @param {ReportEntry[]} samples statistics, oldest first
 * @param {number} maxBytes what the server takes
 * @returns {ReportEntry[][]} at least one part
 */
export function makeParts(lines, samples, maxBytes) {
  const allowance = Math.floor(maxBytes * 0.95);
  const first = choose(lines, samples.length > 0 ? Math.floor(allowance * LINES_SHARE) : allowance);
  const second = choose(samples, allowance - first.used);
  /** @type {ReportEntry[][]} */
  const parts = [[]];
  let bytes = 0;
  for (const row of [...first.chosen, ...second.chosen]) {
    if (bytes + row.bytes > PART_BYTES || parts[parts.length - 1].length >= PART_ENTRIES) {
      parts.push([]);
      bytes = 0;
    }
    bytes += row.bytes;
    parts[parts.length - 1].push(JSON.parse(row.json));
  }
  return parts;
}

/** How many parts may be on their way at once: half of what the server puts back in order. */
const IN_FLIGHT = 8;

/**
 * @param {ReportEntry[][]} parts
 * @param {(part: {part: number, last: boolean, entries: ReportEntry[]}) => Promise<unknown>} send
 * @returns {Promise<void>} rejects with the first refusal; nothing more is sent then
 */
export async function sendParts(parts, send) {
  for (let at = 0; at < parts.length; at += IN_FLIGHT) {
    const batch = parts.slice(at, at + IN_FLIGHT);
    await Promise.all(
      batch.map((entries, index) => send({ part: at + index, last: at + index === parts.length - 1, entries })),
    );
  }
}
