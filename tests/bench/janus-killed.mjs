// SPDX-License-Identifier: GPL-3.0-only
// Janus is killed and started again at once, as by a service manager: how long until six people in a room have each other's
// pictures and sound again.

import { descendant, until } from '../lib/process.mjs';
import { Stage } from './lib/stage.mjs';

const PEOPLE = 6;
const FLOW_MS = 60000;
const BACK_MS = 90000;

const FIGURES = {
  janus: 'Janus is started again, ms',
  first: 'the first has media from all five others, ms',
  last: 'the last has media from all five others, ms',
};

/**
 * Runs in the page: notes the moment at which it has moving pictures and sound of so many others, none of whom is one of these. Looks
 * ten times a second.
 */
function noteMedia({ others, former }) {
  clearInterval(globalThis.benchTimer);
  globalThis.benchComplete = 0;
  const isThere = async ({ key, stream }) => {
    const report = await globalThis.buzz.call.receiver(key)?.getStats();
    const row = [...(report?.values() ?? [])].find(({ type }) => type === 'inbound-rtp');
    if (stream === 'mic') return row?.packetsReceived > 0;
    return row?.framesDecoded > 1; // a single one does not move
  };
  let looking = false;
  const look = async () => {
    const { state, id, slots } = globalThis.buzz.snapshot();
    const wanted = slots.filter(({ participant }) => !former.includes(participant));
    if (looking || state !== 'joined' || former.includes(id) || wanted.length < 2 * others) return;
    looking = true;
    const there = await Promise.all(wanted.map(isThere)).finally(() => (looking = false));
    if (there.filter(Boolean).length < 2 * others) return;
    globalThis.benchComplete = Date.now();
    clearInterval(globalThis.benchTimer);
  };
  globalThis.benchTimer = setInterval(() => look().catch(() => {}), 100); // a connection that was closed meanwhile has none
}

/** When everyone has everyone else's media: a moment for each. */
async function complete(people, former, ms) {
  await Promise.all(people.map((one) => one.evaluate(noteMedia, { others: people.length - 1, former })));
  return () => Promise.all(people.map((one) => {
    return until(`${one.name} has media of everyone`, () => one.evaluate(() => globalThis.benchComplete), { ms, every: 250 });
  }));
}

/** Kills it; returns when script/server has it running again. */
async function killJanus({ server }) {
  const restarts = () => server.child.output.split('Janus is running again').length;
  const before = restarts();
  process.kill(server.pid, 'SIGKILL');
  await until('Janus runs again', () => restarts() > before, { ms: 30000, every: 10 });
  server.pid = descendant(server.child.pid, 'janus');
}

export async function bench(book) {
  const settings = { liveness: { timeout: 15, seat: 20 } };
  await Stage.with({ args: ['--restart-janus'], reclaim: 20, settings }, async (stage) => {
    await book.measure(`Janus killed, ${PEOPLE} people`, FIGURES, async (record) => {
      await stage.clear();
      const names = Array.from({ length: PEOPLE }, (_, i) => `P${i + 1}`);
      const people = [];
      for (const name of names) people.push(await stage.join('bench/killed', name, { small: true }));
      await (await complete(people, [], FLOW_MS))();
      const former = await Promise.all(people.map(async (one) => (await one.snapshot()).id));

      const moments = await complete(people, former, BACK_MS);
      const killed = Date.now();
      await killJanus(stage);
      record('janus', Date.now() - killed);
      const back = await moments();
      record('first', Math.min(...back) - killed);
      record('last', Math.max(...back) - killed);
    }, () => stage.clear());
    await stage.clear();
  });
}
