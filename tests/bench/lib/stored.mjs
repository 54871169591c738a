// SPDX-License-Identifier: GPL-3.0-only
// The report a server has stored, as the file says.

import { readFileSync, readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Reads it and removes it. Fails when anybody's log is missing or not whole.
 * @param {import('../../lib/service.mjs').Service} server
 * @param {string} id
 * @param {number} expected participants
 */
export function takeReport(server, id, expected) {
  const folder = join(server.state, 'run/reports');
  const name = readdirSync(folder).find((one) => one.endsWith(`-${id}.json`));
  if (!name) throw new Error(`no file of report ${id}`);
  const file = join(folder, name);
  const report = JSON.parse(readFileSync(file, 'utf8'));
  const bytes = statSync(file).size;
  rmSync(file);
  const bad = report.participants.filter(({ complete }) => !complete).map(({ id: who, reason }) => `${who} ${reason}`);
  if (bad.length || report.participants.length !== expected) {
    throw new Error(`${report.participants.length} of ${expected} are in it; not whole: ${bad.join(', ') || 'none'}`);
  }
  return { report, bytes };
}

/** Runs in the page: reports a problem as a person does, and notes when that began and when the page knew it was stored. */
export function reportProblem() {
  globalThis.benchReport = { asked: 0, stored: 0, id: '' };
  globalThis.benchWatching ??= globalThis.buzz.call.watch((_, event) => {
    if (event.type === 'reported') Object.assign(globalThis.benchReport, { stored: Date.now(), id: event.report, result: event });
  }) ?? true;
  document.getElementById('report').click();
  document.getElementById('report-text').value = 'This is a measurement.';
  globalThis.benchReport.asked = Date.now();
  document.getElementById('report-send').click();
}

/** Runs in the page: what became of it, or null. */
export function reportResult() {
  const { stored } = globalThis.benchReport;
  if (!stored) return null;
  document.getElementById('report-close').click();
  return globalThis.benchReport;
}
