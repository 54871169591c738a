// SPDX-License-Identifier: GPL-3.0-only
// The SUBs of a membership in either topology, with links whose server is the test.
import assert from 'node:assert/strict';
import { afterEach, test } from 'node:test';
import FakeTimers from '@sinonjs/fake-timers';
import { createLog } from '../../html/js/report/log.js';
import { createReceivers } from '../../html/js/room/receivers.js';
import { settle } from './fakes.mjs';

const timers = FakeTimers.install({ toFake: ['setTimeout', 'clearTimeout'] });
const LONGEST_WAIT_MS = 15_000;

let receivers;
afterEach(() => receivers.close());

function setUp(topology) {
  const made = [];
  const ended = [];
  const lost = [];
  receivers = createReceivers({
    topology,
    makeLink(name, participant, onFailed) {
      const link = { name, participant, onFailed, closed: false, subscribed: null };
      link.close = () =>
        new Promise((resolve) => {
          link.closed = true;
          link.letGo = resolve;
        });
      made.push(link);
      return link;
    },
    subscribe: (link) =>
      new Promise((accept, refuse) => {
        link.subscribed = { accept, refuse };
      }),
    onClosed: (name) => ended.push(name),
    onLost: (error) => lost.push(error.message),
    log: createLog(),
  });
  return { made, ended, lost };
}

const names = (links) => links.map(({ name }) => name);

test('shared: one, from the start, whoever comes and goes; without it all is lost', () => {
  const { made, lost, ended } = setUp('shared');
  receivers.joined('ada');
  receivers.left('ada');
  assert.deepEqual([names(made), made[0].participant], [['sub'], '']);
  made[0].onFailed(new Error('gone'));
  assert.deepEqual([lost, ended], [['gone'], []]);
});

test('per-peer: one for each, made when they come, ended when they leave', () => {
  const { made, ended } = setUp('per-peer');
  assert.deepEqual(made, []);
  receivers.joined('ada');
  receivers.joined('bob');
  receivers.joined('ada');
  assert.deepEqual(names(receivers.links()), ['sub:ada', 'sub:bob']);
  assert.ok(made.every(({ subscribed }) => subscribed), 'each asks for itself');
  receivers.left('ada');
  assert.deepEqual([names(receivers.links()), ended, made[0].closed], [['sub:bob'], ['sub:ada'], true]);
  receivers.left('nobody');
  assert.equal(receivers.link('sub:bob'), made[1]);
});

test('one that fails is made anew when the server has let the old one go; the others stay', async () => {
  const { made, ended, lost } = setUp('per-peer');
  receivers.joined('ada');
  receivers.joined('bob');
  made[0].onFailed(new Error('ICE failed'));
  await settle();
  timers.tick(LONGEST_WAIT_MS);
  assert.deepEqual([ended, made.length], [['sub:ada'], 2], 'the server allows one for each participant');
  made[0].letGo();
  await settle();
  assert.equal(made.length, 2, 'not at once');
  timers.tick(LONGEST_WAIT_MS);
  assert.deepEqual(names(made), ['sub:ada', 'sub:bob', 'sub:ada']);
  assert.deepEqual([made[1].closed, lost], [false, []]);
});

test('it waits longer each time it fails, and short again after it was good', async () => {
  const { made } = setUp('per-peer');
  receivers.joined('ada');
  const waits = [];
  const fail = async () => {
    const link = made.at(-1);
    link.onFailed(new Error('no'));
    link.letGo();
    await settle();
    const count = made.length;
    let waited = 0;
    for (; made.length === count && waited <= LONGEST_WAIT_MS; waited += 50) timers.tick(50);
    waits.push(waited);
  };
  for (let i = 0; i < 8; i++) await fail();
  made.at(-1).subscribed.accept();
  await settle();
  await fail();
  assert.ok(waits[0] <= 550 && waits[7] >= LONGEST_WAIT_MS / 2 && waits[8] <= 550, `${waits}`);
});

test('a refused subscribe is a failure; of somebody who has left it is none', async () => {
  const { made } = setUp('per-peer');
  receivers.joined('ada');
  made[0].subscribed.refuse(new Error('busy'));
  await settle();
  made[0].letGo();
  await settle();
  timers.tick(LONGEST_WAIT_MS);
  assert.equal(made.length, 2);
  receivers.left('ada');
  made[1].subscribed.refuse(new Error('nobody here has this id'));
  await settle();
  made[1].letGo();
  await settle();
  timers.tick(LONGEST_WAIT_MS);
  assert.equal(made.length, 2);
});

test('who leaves while theirs is being made anew gets none; the end ends all', async () => {
  const { made } = setUp('per-peer');
  receivers.joined('ada');
  receivers.joined('bob');
  made[0].onFailed(new Error('no'));
  made[0].letGo();
  await settle();
  receivers.left('ada');
  timers.tick(LONGEST_WAIT_MS);
  assert.equal(made.length, 2);
  made[1].onFailed(new Error('no'));
  made[1].letGo();
  await settle();
  receivers.close();
  timers.tick(LONGEST_WAIT_MS);
  assert.deepEqual([made.length, receivers.links()], [2, []]);
});
