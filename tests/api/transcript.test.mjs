// SPDX-License-Identifier: GPL-3.0-only
// The call that docs/protocol.md writes out is played to a real Janus, so the page and the code cannot drift apart.

import assert from 'node:assert/strict';
import { randomInt } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { after } from 'node:test';
import { Connection, Handle, newLink } from '../lib/client.mjs';
import { janusForThisFile } from '../lib/janus.mjs';
import { sleep } from '../lib/process.mjs';
import { inWords, makeAnswer, PublisherModel } from '../lib/sdp.mjs';
import { top } from '../lib/service.mjs';
import { Names, readTranscript } from '../lib/transcript.mjs';

const QUIET_MS = 300;

const folder = mkdtempSync(join(tmpdir(), 'buzz-transcript-'));
after(() => rmSync(folder, { recursive: true, force: true }));
const janus = await janusForThisFile({ settings: { reports: { folder }, liveness: { seat: 20 } }, reclaim: 20 });

/** Plays the lines of one person. */
class Player {
  constructor(who, names, connection) {
    this.who = who;
    this.names = names;
    this.connection = connection;
    this.model = new PublisherModel();
    /** @type {Map<unknown, Promise<object>>} replies of the core, by transaction */
    this.replies = new Map();
    /** @type {Record<string, Handle>} */
    this.handles = {};
  }

  #make(name) {
    if (name.endsWith('.session')) return randomInt(1, 2 ** 47);
    return newLink();
  }

  #fill(message) {
    return this.names.fill(message, (name) => this.#make(name));
  }

  async change(socket) {
    if (socket === 'open') {
      this.connection = await this.connection.reopen({ claim: false });
    } else {
      await this.connection.vanish();
      await sleep(QUIET_MS); // Janus has noticed
    }
  }

  play(step) {
    if (step.socket) return this.change(step.socket);
    return step.sent ? this.send(step) : this.receive(step);
  }

  send({ handle, message, jsep }) {
    if (handle === 'JANUS') this.#sendCore(this.#fill(message));
    else this.#handle(handle).post(this.#fill(message), jsep && this.#describe(jsep, message));
  }

  #sendCore({ transaction, ...message }) {
    const reply = this.connection.request(message);
    if (message.janus === 'create') this.connection.session = message.id;
    reply.catch(() => {}); // looked at by receive()
    this.replies.set(transaction, reply);
  }

  /** PUB offers the streams of the request, SUB answers the newest offer; both must be what the page says they are. */
  #describe({ type, sdp }, { streams }) {
    const last = this.handles.SUB?.all('offer').at(-1);
    const description = type === 'offer' ? this.model.offer(streams) : makeAnswer(last.jsep.sdp);
    assert.equal(`<sdp: ${inWords(description.sdp)}>`, sdp);
    return description;
  }

  /** The core numbers its handles; the page calls them <ada.pub> and <ada.sub>. */
  #handle(name) {
    const id = this.names.get(`${this.who}.${name.toLowerCase()}`);
    return (this.handles[name] ??= new Handle(this.connection, id));
  }

  async receive({ handle, message, jsep }) {
    if (handle === 'JANUS') {
      const reply = { ...(await this.replies.get(this.#fill(message.transaction))), transaction: this.#fill(message.transaction) };
      delete reply.session_id; // left out on the page
      this.names.compare(message, reply);
      return;
    }
    const event = await this.#handle(handle).next(() => true);
    this.names.compare(message, event.data);
    this.names.compare(jsep ?? {}, event.jsep ? { type: event.jsep.type, sdp: event.jsep.sdp } : {});
  }

  unexpected() {
    return Object.values(this.handles).flatMap((handle) => handle.pending()).map(({ data }) => data);
  }
}

test('the transcript of docs/protocol.md', { timeout: 30000 }, async (t) => {
  const steps = readTranscript(readFileSync(join(top, 'docs/protocol.md'), 'utf8'));
  assert.ok(steps.length > 40, `only ${steps.length} lines were found`);
  const names = new Names();
  const players = new Map();
  t.after(() => Promise.all([...players.values()].map(({ connection }) => connection.drop())));
  for (const who of new Set(steps.map((step) => step.who))) {
    players.set(who, new Player(who, names, await Connection.open(janus.url)));
  }
  for (const step of steps) {
    const player = players.get(step.who);
    try {
      await player.play(step);
    } catch (error) {
      error.message = `docs/protocol.md:${step.number}: ${error.message}`;
      throw error;
    }
  }
  await sleep(QUIET_MS);
  for (const [who, player] of players) assert.deepEqual(player.unexpected(), [], `${who} received more than the page says`);
});
