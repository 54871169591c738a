// SPDX-License-Identifier: GPL-3.0-only
// Speaks the Janus API and the Buzz protocol over a WebSocket, without a browser: no media ever flows. Every wait has an
// end, and says what had come instead.

import { randomBytes, randomInt } from 'node:crypto';
import WebSocket from 'ws';
import { makeAnswer, newTransport, PublisherModel } from './sdp.mjs';
import { sleep } from './process.mjs';

const REPLY_MS = 5000;
const KEEPALIVE_MS = 20000;
const PLUGIN = 'janus.plugin.buzz';

/** The Janus core itself refused a message. */
export class JanusError extends Error {
  constructor({ code, reason }) {
    super(`Janus refused: ${code} ${reason}`);
    this.code = code;
  }
}

/** What a test looks for: the name of an event, some of its members, or a function that judges it. */
function matcher(wanted) {
  if (typeof wanted === 'function') return wanted;
  const members = Object.entries(typeof wanted === 'string' ? { buzz: wanted } : wanted);
  return ({ data }) => members.every(([key, value]) => JSON.stringify(data?.[key]) === JSON.stringify(value));
}

export class Connection {
  static async open(url) {
    const socket = new WebSocket(url, 'janus-protocol');
    await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject));
    return new Connection(socket);
  }

  constructor(socket) {
    this.socket = socket;
    this.counter = 0;
    /** @type {Map<string, (reply: object) => void>} */
    this.waiting = new Map();
    /** @type {Map<number, Handle>} */
    this.handles = new Map();
    /** @type {object[]} events that belong to no handle we know */
    this.strays = [];
    this.closed = new Promise((resolve) => socket.once('close', resolve));
    socket.on('error', () => {}); // 'close' follows
    socket.on('message', (text) => this.#receive(JSON.parse(text)));
    this.keepalive = setInterval(() => this.session && this.send({ janus: 'keepalive' }), KEEPALIVE_MS);
    this.keepalive.unref();
    this.closed.then(() => clearInterval(this.keepalive));
  }

  #receive(message) {
    const handle = this.handles.get(message.sender);
    if (handle) handle.receive(message);
    const resolve = this.waiting.get(message.transaction);
    if (resolve && message.janus !== 'ack') {
      this.waiting.delete(message.transaction);
      resolve(message);
    } else if (!handle && message.janus !== 'ack') {
      this.strays.push(message);
    }
  }

  /** Sends without waiting; returns the transaction. rewrite: changes the JSON text at the last moment. */
  send(message, rewrite = (text) => text) {
    const transaction = `t${++this.counter}`;
    const session = this.session && { session_id: this.session };
    this.socket.send(rewrite(JSON.stringify({ ...session, ...message, transaction })));
    return transaction;
  }

  /** The reply to a transaction; a refusal by the core is thrown. */
  async reply(transaction, ms = REPLY_MS) {
    let timer;
    const message = await new Promise((resolve, reject) => {
      this.waiting.set(transaction, resolve);
      timer = setTimeout(() => {
        this.waiting.delete(transaction);
        reject(new Error(`no reply within ${ms} ms (socket state ${this.socket.readyState})`));
      }, ms);
    });
    clearTimeout(timer);
    if (message.janus === 'error') throw new JanusError(message.error);
    return message;
  }

  request(message, ms) {
    return this.reply(this.send(message), ms);
  }

  /** A session and so many handles, in one flight. */
  async attach(count = 2) {
    const replies = [];
    if (!this.session) {
      this.session = randomInt(1, 2 ** 47);
      replies.push(this.request({ janus: 'create', id: this.session, session_id: undefined }));
    }
    const attaches = Array.from({ length: count }, () => this.request({ janus: 'attach', plugin: PLUGIN }));
    await Promise.all(replies);
    return (await Promise.all(attaches)).map(({ data }) => new Handle(this, data.id));
  }

  destroy() {
    return this.request({ janus: 'destroy' });
  }

  /** Ends with its session, as soon as can be. */
  drop() {
    if (this.socket.readyState === WebSocket.OPEN) {
      if (this.session) this.send({ janus: 'destroy' });
      this.socket.close(); // after what was sent
    } else {
      this.socket.terminate();
    }
    return this.closed;
  }

  /** Ends without a word, as a browser does that is killed; the session waits to be claimed. */
  vanish() {
    this.socket.terminate();
    return this.closed;
  }

  /**
   * Another WebSocket, to which the session, its handles and all that is said on them move.
   * @param {{claim?: boolean}} [options] claim: false = the test does that itself
   */
  async reopen({ claim = true } = {}) {
    const { url } = this.socket;
    const next = await Connection.open(url);
    next.session = this.session;
    if (claim) await next.request({ janus: 'claim' });
    for (const handle of this.handles.values()) {
      handle.connection = next;
      next.handles.set(handle.id, handle);
    }
    return next;
  }
}

export class Handle {
  constructor(connection, id) {
    this.connection = connection;
    this.id = id;
    this.seq = 0;
    /** @type {{data: object, jsep?: object, transaction?: string}[]} all events of the plugin, in their order */
    this.events = [];
    /** @type {object[]} what the core itself says: webrtcup, hangup, detached */
    this.core = [];
    this.taken = new Set();
    this.listeners = new Set();
    connection.handles.set(id, this);
  }

  receive(message) {
    if (message.janus === 'event') {
      this.events.push({ data: message.plugindata.data, jsep: message.jsep, transaction: message.transaction });
    } else if (message.janus !== 'ack') {
      this.core.push(message);
    }
    for (const listener of this.listeners) listener();
  }

  /** Sends a request without waiting for its answer; returns the transaction. */
  post(body, jsep, rewrite) {
    return this.connection.send({ janus: 'message', handle_id: this.id, body, ...(jsep && { jsep }) }, rewrite);
  }

  /** The answer of the plugin to a posted request: the event with its transaction. */
  async answer(transaction, ms) {
    const find = () => this.events.find((one) => one.transaction === transaction);
    if (!find()) await this.connection.reply(transaction, ms);
    const event = find();
    if (!event) throw new Error('a reply without plugin data');
    this.taken.add(event);
    return event;
  }

  /** One request and its answer: {data, jsep}. */
  request(body, jsep, ms) {
    return this.answer(this.post(body, jsep), ms);
  }

  /** The same, numbered for this handle. */
  numbered(body, jsep, ms) {
    return this.request({ ...body, seq: ++this.seq }, jsep, ms);
  }

  trickle(candidate) {
    return this.connection.request({ janus: 'trickle', handle_id: this.id, candidate });
  }

  detach() {
    return this.connection.request({ janus: 'detach', handle_id: this.id });
  }

  /** The first event not yet taken that fits, now or within the time. It is then taken. */
  async next(wanted, ms = REPLY_MS) {
    const fits = matcher(wanted);
    const find = () => this.events.find((one) => !this.taken.has(one) && fits(one));
    const event = find() ?? (await this.#soon(find, ms));
    if (!event) {
      const rest = this.pending().map(({ data }) => JSON.stringify(data)).join('\n  ');
      throw new Error(`no ${JSON.stringify(wanted) ?? 'such event'} within ${ms} ms; there were:\n  ${rest}`);
    }
    this.taken.add(event);
    return event;
  }

  #soon(find, ms) {
    return new Promise((resolve) => {
      const listener = () => {
        const event = find();
        if (event) finish(event);
      };
      const timer = setTimeout(() => finish(undefined), ms);
      const finish = (event) => {
        clearTimeout(timer);
        this.listeners.delete(listener);
        resolve(event);
      };
      this.listeners.add(listener);
    });
  }

  /** Events that no test has looked at yet. */
  pending() {
    return this.events.filter((one) => !this.taken.has(one));
  }

  /** Forgets what has come so far. */
  skip() {
    for (const event of this.events) this.taken.add(event);
  }

  /** All events of this name so far, taken or not. */
  all(name) {
    return this.events.filter(({ data }) => data.buzz === name);
  }
}

/** A secret of the client's own, as `link` wants it. */
export function newLink() {
  return randomBytes(18).toString('base64url');
}

export const ROOM = { v: 1, tenant: 'school.example', room: 'maths/lesson1' };
export const MICROPHONE = { stream: 'mic', kind: 'microphone', mid: '0' };
export const CAMERA = { stream: 'cam', kind: 'camera', mid: '1' };

/** Somebody in a room, with PUB and SUB, who answers every offer on SUB unless told not to. */
export class Participant {
  /**
   * @param {string} url
   * @param {{display?: string, tenant?: string, room?: string, streams?: object[], watch?: boolean, answers?: boolean,
   *   subscribe?: object, come?: object, connection?: Connection}} [options] watch: false = no SUB; subscribe: more
   *   fields for it; come: more fields for join
   */
  static async join(url, options = {}) {
    const { display = 'Ada', tenant = ROOM.tenant, room = ROOM.room, streams = [], watch = true } = options;
    const one = new Participant();
    one.room = { v: 1, tenant, room };
    one.connection = options.connection ?? (await Connection.open(url));
    [one.pub, one.sub] = await one.connection.attach(watch ? 2 : 1);
    one.model = new PublisherModel();
    one.transport = newTransport(); // of SUB
    if (watch && options.answers !== false) one.answerOffers();
    const link = newLink();
    const join = { request: 'join', ...one.room, display, link, streams, ...options.come };
    const subscribe = { request: 'subscribe', ...one.room, link, ...options.subscribe };
    const joining = one.pub.post(join, streams.length ? one.model.offer(streams) : undefined);
    const subscribing = watch && one.sub.post(subscribe);
    one.joined = (await one.pub.answer(joining)).data;
    if (one.joined.buzz !== 'joined') throw new Error(`not joined: ${JSON.stringify(one.joined)}`);
    one.subscribed = watch && (await one.sub.answer(subscribing)).data;
    if (watch && one.subscribed.buzz !== 'subscribed') throw new Error(`not subscribed: ${JSON.stringify(one.subscribed)}`);
    one.id = one.joined.id;
    one.seat = one.joined.seat;
    if (one.sub && options.answers !== false) await one.settled();
    return one;
  }

  /** Answers each offer on SUB as it comes. */
  answerOffers() {
    let seen = 0;
    this.sub.listeners.add(() => {
      const offers = this.sub.all('offer');
      while (seen < offers.length) this.answerOffer(offers[seen++]);
    });
  }

  answerOffer({ data, jsep }) {
    return this.sub.post({ request: 'answer', version: data.version }, makeAnswer(jsep.sdp, this.transport));
  }

  /** Waits until the newest offer on SUB is answered and accepted. */
  async settled() {
    await this.sub.next('offer');
    const { version } = this.sub.all('offer').at(-1).data;
    await this.sub.next({ buzz: 'answered', version });
  }

  publish(streams, { offer = true } = {}) {
    return this.pub.request({ request: 'publish', streams }, offer ? this.model.offer(streams) : undefined);
  }

  leave() {
    return this.pub.request({ request: 'leave' });
  }

  /** The last assignment the server told. */
  get slots() {
    return this.sub.all('slots').at(-1)?.data;
  }

  /** Waits until the last assignment told fits. */
  async slotsFit(fits, ms = REPLY_MS) {
    const deadline = performance.now() + ms;
    while (!(this.slots && fits(this.slots))) {
      if (performance.now() > deadline) throw new Error(`slots stayed ${JSON.stringify(this.slots)}`);
      await sleep(20);
    }
    return this.slots;
  }

  get offers() {
    return this.sub.all('offer').length;
  }

  drop() {
    return this.connection.drop();
  }
}

/** Who is in a room, as somebody sees who looks in for a moment. */
export async function whoIsIn(url, room = ROOM) {
  const visitor = await Participant.join(url, { ...room, display: 'visitor', watch: false });
  await visitor.leave();
  await visitor.drop();
  return visitor.joined.participants;
}
