// SPDX-License-Identifier: GPL-3.0-only
// People whose clocks are wrong, behind ways that are long, uneven and unsteady: how far what a report says of their clocks is
// from the truth, and whether it is within the error that it states.

import { Cable } from '../lib/cable.mjs';
import { sleep, until } from '../lib/process.mjs';
import { seeded } from '../lib/random.mjs';
import { Stage } from './lib/stage.mjs';
import { reportProblem, reportResult, takeReport } from './lib/stored.mjs';
import { serverAhead } from './lib/truth.mjs';

const EACH_WAY = 3;
const MOST_WRONG_MS = 600_000;
const SENT_MS = 20000;

const chance = seeded(7);
const steady = (ms) => () => ms;
const unsteady = (least, most) => () => least + chance.below(most - least);

/** least: ms there and back together, so half of it is the least error that can be stated. */
const PATHS = [
  { name: '0/0', words: 'no delay', least: 0 },
  { name: '20/20', words: '20 ms there, 20 back', least: 40, there: steady(20), back: steady(20) },
  { name: '10/60', words: '10 ms there, 60 back', least: 70, there: steady(10), back: steady(60) },
  { name: 'unsteady', words: '5 to 15 ms there, 20 to 120 back', least: 25, there: unsteady(5, 15), back: unsteady(20, 120) },
];

/** Runs in the page before its scripts: its clock is off by so much. */
function shiftClock(ms) {
  const Native = Date;
  const now = () => Native.now() + ms;
  globalThis.Date = new Proxy(Native, {
    apply: () => new Native(now()).toString(),
    construct: (_, args) => (args.length ? new Native(...args) : new Native(now())),
    get: (target, name) => (name === 'now' ? now : Reflect.get(target, name)),
  });
  const origin = performance.timeOrigin + ms;
  Object.defineProperty(performance, 'timeOrigin', { get: () => origin });
}

const FIGURES = {
  ...Object.fromEntries(PATHS.flatMap(({ name, words }) => [
    [`wrong ${name}`, `${words}: really wrong by, ms`],
    [`stated ${name}`, '… stated error, ms'],
  ])),
  broken: 'stated errors that do not hold, of each run',
};

/** Everyone joins with a clock of their own, without media. Returns what is to be found out. */
function joinAll(stage, cables) {
  const everyone = cables.flatMap(({ name, least, url }) => Array.from({ length: EACH_WAY }, (_, i) => {
    return { path: name, least, url, display: `${name} ${i}`, shift: chance.below(2 * MOST_WRONG_MS) - MOST_WRONG_MS };
  }));
  return Promise.all(everyone.map(async (one) => {
    const options = { mic: '0', cam: '0' };
    const person = await stage.join('bench/clock', one.display, { base: one.url, options, init: [shiftClock, one.shift] });
    const before = Date.now() - 1;
    const seen = (await person.evaluate(() => Date.now())) - one.shift;
    if (seen < before || seen > Date.now() + 1) throw new Error(`${one.display}: its clock was not shifted`);
    return { ...one, person };
  }));
}

export async function bench(book) {
  await Stage.with({ settings: { reports: { min_interval: 0 } } }, async (stage) => {
    const cables = [];
    for (const { name, least, there, back } of PATHS) {
      const cable = await Cable.open(stage.server.url, { there, back });
      stage.things.push(cable);
      cables.push({ name, least, url: cable.url });
    }
    await book.measure('clocks in a report', FIGURES, async (record, run) => {
      await stage.clear();
      const everyone = await joinAll(stage, cables);
      await sleep(1000);
      const { person: by } = everyone[run % everyone.length];
      await by.evaluate(reportProblem);
      const { id } = await until('the report is stored', () => by.evaluate(reportResult), { ms: SENT_MS, every: 250 });
      const ahead = await serverAhead(stage.wsUrl);
      const { report } = takeReport(stage.server, id, everyone.length);
      const broken = [];
      const impossible = [];
      for (const { path, least, display, shift } of everyone) {
        const { offset_ms: offset, error_ms: stated } = report.participants.find((one) => one.display === display);
        const wrong = Math.abs(offset - (ahead - shift));
        record(`wrong ${path}`, wrong);
        record(`stated ${path}`, stated);
        if (stated < least / 2) impossible.push(`${display} states ${stated} ms, which this way does not allow`);
        if (wrong > stated) broken.push(`${display} is wrong by ${wrong.toFixed(2)} ms and states ${stated} ms`);
      }
      record('broken', broken.length);
      if (broken.length || impossible.length) throw new Error([...broken, ...impossible].join('\n'));
    }, () => stage.clear());
    await stage.clear();
  });
}
