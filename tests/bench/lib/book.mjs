// SPDX-License-Identifier: GPL-3.0-only
// Runs things again and again and writes down what came out. A run that failed is kept, is shown, and counts as the worst.

import { loadavg } from 'node:os';
import { sleep } from '../../lib/process.mjs';
import { NEVER, summary } from './figures.mjs';

/** Whatever a run waits for ends sooner by itself. */
const RUN_MS = 180000;

/** @typedef {Record<string, string>} Figures what is measured: a key for the JSON, and in words with the unit */
/** @typedef {(key: string, ...values: number[]) => void} Record */

const round = (value) => Math.round(value * 10) / 10;

async function withinLimit(action) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`the run took more than ${RUN_MS} ms`)), RUN_MS);
  });
  return Promise.race([action, late]).finally(() => clearTimeout(timer));
}

export class Book {
  /** @param {number} runs */
  constructor(runs) {
    this.runs = runs;
    /** @type {{title: string, figures: Figures, runs: {run: number, load: number, values: Record<string, number[]>, error?: string}[]}[]} */
    this.series = [];
  }

  /**
   * @param {string} title
   * @param {Figures} figures
   * @param {(record: Record, run: number) => Promise<void>} action measures once; what it throws is a failed run
   * @param {() => Promise<void>} [recover] after a failed run: makes the next one independent of it
   */
  async measure(title, figures, action, recover = async () => {}) {
    const runs = [];
    this.series.push({ title, figures, runs });
    for (let run = 1; run <= this.runs; run++) {
      /** @type {Record<string, number[]>} */
      const values = {};
      const row = { run, load: round(loadavg()[0]), values };
      runs.push(row);
      const record = (key, ...more) => (values[key] ??= []).push(...more.map(round));
      try {
        await withinLimit(action(record, run));
        const missing = Object.keys(figures).filter((key) => !values[key]);
        if (missing.length) throw new Error(`not measured: ${missing}`);
      } catch (error) {
        row.error = String(error.stack ?? error);
        console.error(`FAILED: ${title}, run ${run}: ${row.error}`);
        await withinLimit(recover()).catch((trouble) => console.error(`and then: ${trouble.stack}`));
        await sleep(1000);
      }
    }
    console.log(this.table(this.series.at(-1)));
  }

  /** Something that broke outside of any run. */
  broke(title, error) {
    console.error(`FAILED: ${title}: ${error.stack}`);
    this.series.push({ title, figures: {}, runs: [{ run: 0, load: round(loadavg()[0]), values: {}, error: String(error.stack) }] });
  }

  get failures() {
    return this.series.flatMap(({ runs }) => runs.filter(({ error }) => error)).length;
  }

  /** One value and more of each run; a run that has none has failed before it. */
  static all(key, runs) {
    return runs.flatMap(({ values }) => values[key] ?? [NEVER]);
  }

  /** For people, as Markdown. */
  table({ title, figures, runs }) {
    const failed = runs.filter(({ error }) => error).length;
    const shown = (value) => (value === NEVER ? 'never' : String(value));
    const rows = Object.entries(figures).map(([key, words]) => {
      const { n, p50, p95, max } = summary(Book.all(key, runs));
      return [words, ...[p50, p95, max].map(shown), String(n)];
    });
    const all = [[title, 'p50', 'p95', 'max', 'n'], ...rows];
    const widths = all[0].map((_, column) => Math.max(...all.map((row) => row[column].length)));
    const lines = all.map((row) => `| ${row.map((cell, i) => (i ? cell.padStart(widths[i]) : cell.padEnd(widths[i]))).join(' | ')} |`);
    lines.splice(1, 0, `|${widths.map((width, i) => '-'.repeat(i ? width + 1 : width + 2) + (i ? ':' : '')).join('|')}|`);
    return `\n${lines.join('\n')}\n\n${runs.length} runs, ${failed} failed\n`;
  }

  /** Percentiles that a failed run has made endless are null. */
  toJSON() {
    return this.series.map(({ title, figures, runs }) => ({
      title,
      runs: runs.length,
      failed: runs.filter(({ error }) => error).length,
      figures: Object.fromEntries(Object.entries(figures).map(([key, words]) => [key, { words, ...summary(Book.all(key, runs)) }])),
      raw: runs,
    }));
  }
}
