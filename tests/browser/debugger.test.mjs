// SPDX-License-Identifier: GPL-3.0-only
// The debugger tells every step of a call, and its filters, graphs, connections and descriptions show what they say.

import assert from 'node:assert/strict';
import test from 'node:test';
import { until } from '../lib/process.mjs';
import { Scene } from '../lib/scene.mjs';

const KINDS = ['signalling', 'ice', 'sdp', 'slots', 'streams', 'layers', 'ui'];
const LEVELS = ['debug', 'info', 'warn', 'error'];
const NUMBERS = ['Bit rate', 'Loss', 'Round trip', 'Frames', 'Freezes'];
const SAMPLED_MS = 20000; // every other second, from the second sample on

const scene = await Scene.open();

const idOf = async (person) => (await person.snapshot()).id;
const isOpen = (person) => person.page.isVisible('#debugger');

/** What the debugger shows: of each line time, kind, level, and the other words before the text. */
const linesOf = (person) => person.evaluate(() => [...document.querySelectorAll('#log-lines li')].map((row) => {
  const [kind, level, ...origin] = row.querySelector('.origin').textContent.split(' · ');
  return { time: row.querySelector('time').textContent, kind, level, origin, mark: row.className, text: row.querySelector('.text').textContent };
}));

/** Chooses what the four boxes say; the others show everything. */
async function filter(person, chosen) {
  for (const [box, value] of Object.entries({ person: '', stream: '', kind: '', level: 'debug', ...chosen })) {
    await person.page.selectOption(`#log-${box}`, value);
  }
  return linesOf(person);
}

/** Ada has a connection for each of the others, and shares a screen; Grace turns her microphone off. */
const ada = await scene.chromium.join(scene.server.url, 'debugger/room', 'Ada', { topology: 'per-peer' });
const grace = await scene.chromium.join(scene.server.url, 'debugger/room', 'Grace');
scene.people.push(ada, grace);
const [adaId, graceId] = await Promise.all([ada, grace].map(idOf));
const sub = `sub:${graceId}`;
await ada.flowing([`${graceId} cam`, `${graceId} mic`]);
await ada.click('#share');
await grace.click('#microphone');

test('the button, the shortcut, and debug.start() and debug.close() open and close it', { timeout: 60000 }, async () => {
  assert.equal(await isOpen(ada), false);
  await ada.click('#open-log');
  assert.equal(await isOpen(ada), true);
  await ada.click('#close-log');
  assert.equal(await isOpen(ada), false);
  await ada.page.keyboard.press('Alt+Shift+L');
  assert.equal(await isOpen(ada), true);
  await ada.page.keyboard.press('Alt+Shift+L');
  assert.equal(await isOpen(ada), false);
  await ada.evaluate(() => globalThis.buzz.debug.start());
  assert.equal(await isOpen(ada), true);
  await ada.evaluate(() => globalThis.buzz.debug.close());
  assert.equal(await isOpen(ada), false);
});

/** Lines there have to be: kind, who and where, and what they say. */
const STEPS = [
  ['signalling', 'Ada pub', /^sent: message join offer/],
  ['signalling', `Ada ${sub}`, /^sent: message answer answer/],
  ['signalling', 'Ada pub', /^sent: trickle/],
  ...['pub', sub].flatMap((connection) => [
    ['ice', `Ada ${connection}`, /^connection connected/],
    ['ice', `Ada ${connection}`, /^own candidate: .*\[address\]/],
    ['sdp', `Ada ${connection}`, /^negotiation stable/],
    ['sdp', `Ada ${connection}`, /^local (offer|answer) set, \d+ m-lines/],
  ]),
  ['slots', `Grace ${sub} cam`, /^slot v0 shows it/],
  ['streams', 'Grace cam', /^camera started/],
  ['streams', 'Grace mic', /^microphone off/],
  ['layers', `Grace ${sub} cam`, /^\d+×\d+/],
  ['ui', 'Ada', /^click share/],
];

test('every kind of step has lines, each with time, participant, connection and level', { timeout: 60000 }, async () => {
  await ada.evaluate(() => globalThis.buzz.debug.start());
  let lines;
  let missing;
  await until('a line of every step', async () => {
    lines = await filter(ada, {});
    missing = STEPS.filter(([kind, origin, text]) => !lines.some((line) => {
      return line.kind === kind && line.origin.join(' ') === origin && text.test(line.text);
    }));
    return missing.length === 0;
  }, { ms: SAMPLED_MS, every: 500 }).catch((error) => {
    const rows = lines.map(({ kind, origin, text }) => `${kind} ${origin.join(' ')}: ${text}`);
    throw new Error(`${error.message}: ${missing.map((one) => one.join(' ')).join('; ')} among\n${rows.join('\n')}`);
  });
  assert.deepEqual(KINDS.filter((kind) => !lines.some((line) => line.kind === kind)), []);
  for (const { time, kind, level, origin, mark, text } of lines) {
    const words = `${time} ${kind} ${level} ${origin} ${text}`;
    assert.match(time, /^\d\d:\d\d:\d\d\.\d{3}$/, words);
    assert.ok(LEVELS.includes(level) && mark === level, words);
    assert.ok(['Ada', 'Grace'].includes(origin[0]), words);
    if (['ice', 'sdp', 'slots', 'layers'].includes(kind)) assert.ok(['pub', sub].includes(origin[1]), words);
  }
});

test('filters by person, stream, kind and level hide and show lines', { timeout: 60000 }, async () => {
  const all = await filter(ada, {});
  for (const [id, name] of [[adaId, 'Ada'], [graceId, 'Grace']]) {
    const lines = await filter(ada, { person: id });
    assert.ok(lines.length > 0 && lines.length < all.length, name);
    assert.ok(lines.every(({ origin }) => origin[0] === name), name);
  }
  const ofCamera = await filter(ada, { stream: 'cam' });
  assert.ok(ofCamera.length > 0 && ofCamera.length < all.length && ofCamera.every(({ origin }) => origin.at(-1) === 'cam'));
  for (const kind of KINDS) {
    const lines = await filter(ada, { kind });
    assert.ok(lines.length > 0 && lines.length < all.length && lines.every((line) => line.kind === kind), kind);
  }
  for (const [least, level] of LEVELS.entries()) {
    const lines = await filter(ada, { level });
    assert.ok(lines.every((line) => LEVELS.indexOf(line.level) >= least), level);
    if (level === 'info') assert.ok(lines.length > 0 && lines.length < all.length);
  }
  const both = await filter(ada, { person: graceId, kind: 'streams', stream: 'mic' });
  assert.deepEqual(both.map(({ text }) => text), ['microphone started', 'microphone off']);
  assert.ok((await filter(ada, {})).length >= all.length, 'and all are back');
});

test('repeated lines are one, with their number, the first and the last time, and opened with every time', { timeout: 60000 }, async () => {
  const times = await ada.evaluate(async () => {
    const noted = [];
    for (let i = 0; i < 5; i++) {
      dispatchEvent(new Event('offline'));
      noted.push(Date.now());
      // not by a click, which would be a line of its own
      if (i === 2) [...document.querySelectorAll('#log-lines details')].find((one) => /^offline/.test(one.textContent)).open = true;
      await new Promise((resolve) => setTimeout(resolve, 40));
    }
    return noted;
  });
  const row = ada.page.locator('#log-lines li', { hasText: /offline/ });
  assert.ok(await row.locator('.times').isVisible(), 'it has stayed open while more came');
  const offline = (await filter(ada, { kind: 'page', level: 'warn' })).filter(({ text }) => /^offline/.test(text));
  assert.equal(offline.length, 1);
  await row.locator('summary').click(); // all lines are new after filtering
  const [, count, first] = /^offline \((\d+) times, first (\S+)\)$/.exec(await row.locator('summary').innerText()) ?? assert.fail(offline[0].text);
  assert.equal(count, '5');
  const shown = (await row.locator('.times').innerText()).split(' · ');
  assert.deepEqual([shown[0], shown.at(-1)], [first, offline[0].time]);
  const ms = (clock) => Date.parse(`1970-01-01T${clock}Z`);
  const wrong = shown.map((clock, i) => ms(clock) - (times[i] % 86_400_000));
  assert.ok(shown.length === 5 && wrong.every((by) => Math.abs(by) < 20), `each time is there: ${shown}, off by ${wrong} ms`);
});

test('the graphs show bit rate, loss, round trip, frame rate and freezes of each stream', { timeout: 60000 }, async () => {
  await ada.click('#tab-graphs');
  const card = 'Grace · cam · received';
  const rows = await until('all five of Grace’s camera', async () => {
    const shown = await ada.evaluate((title) => {
      const section = [...document.querySelectorAll('.graph-card')].find((one) => one.querySelector('h3').textContent === title);
      return [...(section?.querySelectorAll('.graph-row') ?? [])].filter((row) => !row.hidden).map((row) => {
        const canvas = row.querySelector('canvas');
        const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width || 1, canvas.height || 1);
        const drawn = data.some((value) => value > 0);
        return { label: row.querySelector('.graph-label').textContent, value: row.querySelector('output').textContent, drawn };
      });
    }, card);
    return shown.length === 5 && shown.every(({ drawn }) => drawn) && shown;
  }, { ms: SAMPLED_MS, every: 500 });
  assert.deepEqual(rows.map(({ label }) => label), NUMBERS);
  for (const { label, value } of rows) assert.match(value, /^\d+(\.\d+)?( |$)/, label);
  const value = (label) => Number.parseFloat(rows.find((row) => row.label === label).value);
  assert.ok(value('Bit rate') > 0 && value('Frames') > 0, JSON.stringify(rows));
  const titles = await ada.evaluate(() => [...document.querySelectorAll('.graph-card h3')].map((one) => one.textContent));
  for (const title of ['Grace · mic · received', 'Ada · mic · sent', 'Ada · screen1 · sent']) assert.ok(titles.includes(title), titles.join());
});

test('each connection is listed with its state, and goes with its participant', { timeout: 60000 }, async (t) => {
  await ada.click('#tab-connections');
  const listed = () => ada.evaluate(() => [...document.querySelectorAll('#debugger-connections li')].map((row) => [row.dataset.connection, row.textContent]));
  const names = async () => (await listed()).map(([name]) => name).join();
  await until('two connections', async () => (await names()) === `pub,${sub}`);
  const rows = new Map(await listed());
  assert.match(rows.get('pub'), /^pub · sendsconnected · ICE (connected|completed) · negotiation stable · 2 offers$/);
  assert.match(rows.get(sub), new RegExp(`^${sub} · receives Graceconnected · ICE (connected|completed) · negotiation stable · 1 offer$`));
  const mary = await scene.join(t, scene.chromium, 'debugger/room', 'Mary');
  const other = `sub:${await idOf(mary)}`;
  await until('a third', async () => /receives Maryconnected/.test(new Map(await listed()).get(other) ?? ''), { ms: 15000 });
  await ada.screenshot('debugger-connections');
  await mary.click('#leave');
  await until('it is gone', async () => (await names()) === `pub,${sub}`, { ms: 10000 });
});

test('the descriptions of each connection can be read, and compared with the one before', { timeout: 60000 }, async () => {
  await ada.click('#tab-sdp');
  const choices = await ada.evaluate(() => [...document.querySelectorAll('#sdp-choice option')].map(({ value, textContent }) => [value, textContent]));
  for (const connection of ['pub', sub]) {
    assert.ok(choices.some(([, label]) => label.includes(` ${connection} `)), `${connection}: ${JSON.stringify(choices)}`);
  }
  const offers = choices.filter(([, label]) => /pub.*local|local.*pub/.test(label));
  await ada.page.selectOption('#sdp-choice', offers.sort((a, b) => a[0] - b[0]).at(-1)[0]);
  await ada.page.setChecked('#sdp-changes', true);
  const lines = () => ada.evaluate(() => [...document.querySelectorAll('#sdp-text span')].map((one) => [one.className, one.textContent]));
  const changes = await lines();
  assert.ok(changes.length > 5 && changes.every(([sign]) => sign === 'added' || sign === 'removed'), JSON.stringify(changes.slice(0, 5)));
  assert.ok(changes.some(([sign, text]) => sign === 'added' && /m=video/.test(text)), 'the screen’s m-line');
  await ada.page.setChecked('#sdp-changes', false);
  assert.ok((await lines()).some(([sign]) => sign === 'same'));
  assert.doesNotMatch(await ada.page.textContent('#sdp-text'), /ice-(pwd|ufrag):(?!\[secret\])/);
  assert.deepEqual(ada.console.filter((line) => /^(error|uncaught|warning)/.test(line)), []);
});
