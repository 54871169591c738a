// SPDX-License-Identifier: GPL-3.0-only
// How long it takes to collect a report: from 8 browsers after a call of a while, and from 100 clients that have no media but
// logs of 200 kB each.

import { measureOffset } from '../../html/js/report/clock.js';
import { makeParts, sendParts } from '../../html/js/report/upload.js';
import { Participant } from '../lib/client.mjs';
import { sleep, until } from '../lib/process.mjs';
import { Stage } from './lib/stage.mjs';
import { reportProblem, reportResult, takeReport } from './lib/stored.mjs';

const BROWSERS = 8;
const CALL_S = 60;
/** Somebody presses a button this often, and everyone's log has lines of it. */
const BUTTON_MS = 500;
const CLIENTS = 100;
const LOG_BYTES = 200_000;
const DEADLINE_MS = 5000; // as shipped
/** Encoders and decoders have come to rest. */
const CALM_MS = 5000;
/** For the server's word, beyond the deadline. */
const PATIENCE_MS = 10000;

const SERVER = { settings: { reports: { min_interval: 0 } } };
const FIGURES = {
  took: 'asked for to stored, ms',
  bytes: 'the stored file, kB',
  entries: 'entries in it',
};

function recordFile(record, { report, bytes }) {
  record('bytes', bytes / 1000);
  record('entries', report.participants.reduce((sum, { entries }) => sum + entries.length, report.server.entries.length));
}

const press = (person, button) => person.evaluate((id) => document.getElementById(id).click(), button);

/**
 * A call with everything on, so that the logs are real; then all cameras are turned off: eight browsers that make and show 56 pictures
 * leave two processors no time for anything else, and would be measured instead of the report.
 */
async function holdCall(stage) {
  for (let i = 1; i <= BROWSERS; i++) await stage.join('bench/report', `P${i}`, { small: true });
  const end = performance.now() + 1000 * CALL_S;
  for (let turn = 0; performance.now() < end; turn++) {
    await press(stage.people[turn % BROWSERS], 'microphone');
    await sleep(BUTTON_MS);
  }
  for (const person of stage.people) await press(person, 'camera');
  const off = ({ participants }) => participants.every(({ streams }) => streams.every(({ kind, muted }) => kind !== 'camera' || muted));
  await Promise.all(stage.people.map((person) => person.until('all cameras are off', off, 30000)));
  await sleep(CALM_MS);
}

async function fromBrowsers(book) {
  await Stage.with(SERVER, async (stage) => {
    await book.measure(`report of ${BROWSERS} browsers`, FIGURES, async (record, run) => {
      if (stage.people.length < BROWSERS) await holdCall(stage);
      else await sleep(2000);
      const by = stage.people[run % BROWSERS];
      await by.evaluate(reportProblem);
      const { asked, stored, id, result } = await until('the report is stored', () => by.evaluate(reportResult), {
        ms: DEADLINE_MS + PATIENCE_MS, every: 250,
      });
      if (!result.stored) throw new Error(`it was not stored: ${JSON.stringify(result)}`);
      record('took', stored - asked);
      recordFile(record, takeReport(stage.server, id, BROWSERS));
    }, () => stage.clear());
    await stage.clear();
  });
}

/** A log as a page's is after a while: most of it lines of signalling, statistics, and some session descriptions. */
function makeLog(who) {
  const time = Date.now() - 300_000;
  const line = (i, kind, text, data) => ({
    time: time + i * 40, level: /** @type {const} */ ('info'), kind, participant: `p${who}`, connection: 'sub', stream: 'cam', text, ...(data && { data }),
  });
  const lines = [];
  const samples = [];
  const sdp = Array.from({ length: 300 }, (_, i) => `a=ssrc:${1000000 + i * who} cname:somebody${i}`).join('\r\n');
  for (let i = 0; i < 5000; i++) {
    lines.push(i % 500 ? line(i, 'signalling', `slots a${i % 8}=p${(who + i) % CLIENTS} mic, v${i % 8}=p${(who + i) % CLIENTS} cam`) : line(i, 'sdp', sdp));
    samples.push(line(i, 'stats', '', { bitrate: i, loss: 0.1, rtt: 12.5, fps: 15, freezes: 0, height: 180 }));
  }
  return makeParts(lines, samples, LOG_BYTES);
}

const bytesOf = (parts) => parts.reduce((sum, entries) => sum + Buffer.byteLength(JSON.stringify(entries)), 0);

/** Sends its log whenever it is asked for one, as a page does. The log is made beforehand: here one process does it for all. */
function answerCollect(one, parts) {
  const ask = async () => Number((await one.pub.numbered({ request: 'clock' })).data.server_ms);
  const send = async (report) => {
    const offset = await measureOffset(ask);
    await sendParts(parts, async (part) => {
      const { data } = await one.pub.numbered({ request: 'log', report, ...part, ...offset });
      if (data.buzz !== 'logged') throw new Error(`${one.id}: ${JSON.stringify(data)}`);
    });
  };
  let seen = 0;
  one.pub.listeners.add(() => {
    const asked = one.pub.all('collect');
    while (seen < asked.length) send(asked[seen++].data.report).catch((error) => (one.refused = error));
  });
}

async function fromClients(book) {
  await Stage.with(SERVER, async (stage) => {
    /** @type {Participant[]} */
    let people = [];
    const clear = async () => {
      await Promise.all(people.splice(0).map((one) => one.drop()));
    };
    const title = `report of ${CLIENTS} clients with ${LOG_BYTES / 1000} kB each`;
    await book.measure(title, { ...FIGURES, sent: 'sent by all, kB' }, async (record, run) => {
      const logs = people.length ? [] : Array.from({ length: CLIENTS }, (_, i) => makeLog(i + 1));
      for (const [i, parts] of logs.entries()) {
        const one = await Participant.join(stage.wsUrl, { tenant: 'localhost', room: 'bench/report', display: `P${i}`, watch: false });
        answerCollect(one, parts);
        one.bytes = bytesOf(parts);
        people.push(one);
      }
      const by = people[run % CLIENTS];
      const asked = performance.now();
      const { data } = await by.pub.numbered({ request: 'report', text: 'This is a measurement.' });
      if (data.expected !== CLIENTS) throw new Error(JSON.stringify(data));
      const { data: result } = await by.pub.next({ buzz: 'reported', report: data.report }, DEADLINE_MS + PATIENCE_MS);
      record('took', performance.now() - asked);
      for (const { refused } of people) if (refused) throw refused;
      if (!result.stored) throw new Error(`it was not stored: ${JSON.stringify(result)}`);
      recordFile(record, takeReport(stage.server, data.report, CLIENTS));
      record('sent', people.reduce((sum, { bytes }) => sum + bytes, 0) / 1000);
    }, clear);
    await clear();
  });
}

export async function bench(book) {
  await fromBrowsers(book);
  await fromClients(book);
}
