// SPDX-License-Identifier: GPL-3.0-only
// What a client does in a report, for those without a browser (docs/protocol.md, Reports).

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export const logEntry = (text, more = {}) => ({ time: Date.now(), level: 'info', kind: 'room', text, ...more });

/** Sends one part of a log; returns what the server says to it. */
export async function sendPart(one, report, number, last, entries, clock = { offset_ms: 0, error_ms: 1 }) {
  return (await one.pub.request({ request: 'log', report, part: number, last, ...clock, entries })).data;
}

/** The same for a whole log, all parts in one flight: it needs a PUB that has numbered nothing or everything. */
export function sendLog(one, report, parts, ms) {
  const requests = parts.map((entries, i) => one.pub.numbered({
    request: 'log', report, part: i, last: i === parts.length - 1, offset_ms: 0, error_ms: 1, entries,
  }, undefined, ms));
  return Promise.all(requests.map(async (request) => (await request).data));
}

/** The text of a report, piece by piece, or the server's refusal. */
export async function readReport(one, report) {
  const pieces = [];
  for (let offset = 0; ;) {
    const { data } = await one.pub.request({ request: 'read_report', report, offset });
    if (data.buzz === 'error') return data;
    const bytes = Buffer.byteLength(data.text);
    if (bytes > 32768) throw new Error(`a piece of ${bytes} bytes`);
    pieces.push(data.text);
    offset += bytes;
    if (offset >= data.total) return pieces.join('');
  }
}

/** Names of the files in a folder that are reports, and of all others. */
export function listReports(folder) {
  const names = readdirSync(folder);
  return { stored: names.filter((name) => /^report-.*\.json$/.test(name)), others: names.filter((name) => !/^report-.*\.json$/.test(name)) };
}

/** The text of the report with this id. */
export function storedText(folder, id) {
  const { stored } = listReports(folder);
  const name = stored.find((one) => one.endsWith(`-${id}.json`));
  if (!name) throw new Error(`no file of ${id} among ${stored}`);
  return readFileSync(join(folder, name), 'utf8');
}
