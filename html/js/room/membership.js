// SPDX-License-Identifier: GPL-3.0-only
// One membership of a room: a socket, a session, PUB and SUB, from `join` until any of them is lost. They live and
// die together; coming back is a new membership (call.js).
import { createSocket, JanusError } from '../janus/socket.js';
import { createSession } from '../janus/session.js';
import { PluginError } from '../janus/handle.js';
import { createPublisher } from './publisher.js';
import { createSubscriber } from './subscriber.js';
import { createTrace, watchConnection } from '../report/watch.js';
import * as protocol from './protocol.js';

/** @typedef {import('../types').Outgoing} Outgoing */
/** @typedef {import('../types').JanusMessage} JanusMessage */
/** @typedef {import('../types').Jsep} Jsep */
/** @typedef {'pub' | 'sub'} Which */

/** Janus's own code for an answer it did not wait for: it has had one already. */
const JANUS_UNEXPECTED_ANSWER = 469;

/**
 * @param {Error} refusal of an answer
 * @returns {boolean} true: another answer has been taken, or the server will offer again by itself
 */
function isHarmless(refusal) {
  if (refusal instanceof JanusError) return refusal.code === JANUS_UNEXPECTED_ANSWER;
  if (!(refusal instanceof PluginError)) return false;
  return refusal.code === protocol.ErrorCode.staleAnswer || refusal.code === protocol.ErrorCode.badSdp;
}

/** @param {Record<string, any>} data of an event @returns {string} whom it is about, or empty */
const participantOf = ({ participant }) => (typeof participant === 'string' ? participant : (participant?.id ?? ''));

/** @param {Record<string, any>} data of an event @returns {string} for the log; nothing secret */
function summaryOf({ buzz, version, reason, participant, streams, slots }) {
  const details = [
    version && `version ${version}`,
    reason,
    participant?.display,
    streams && `${streams.length} streams`,
    slots && `${slots.length} in use`,
  ];
  return [buzz, ...details.filter(Boolean)].join(', ');
}

/** Those of reports come in rows. @param {Record<string, any>} data @returns {import('../types').Level} */
const levelOf = ({ buzz }) => (buzz === 'progress' ? 'debug' : 'info');

/**
 * Opens the socket at once; the first `publish` joins.
 * @param {object} options
 * @param {string} options.url of the WebSocket
 * @param {import('../types').RoomKey} options.key
 * @param {string} options.display
 * @param {string[]} options.codecs what this browser can decode
 * @param {string} options.codec video codec to prefer for sending, or empty
 * @param {import('../types').Log} options.log
 * @param {import('../report/descriptions').Descriptions} [options.descriptions]
 * @param {(event: import('../types').RoomEvent) => void} options.onEvent
 * @param {() => void} options.onTracks SUB has new slots
 * @param {(error: Error) => void} options.onLost called at most once, and never after `close`
 */
export function createMembership({ url, key, display, codecs, codec, log, descriptions, onEvent, onTracks, onLost }) {
  const connections = { pub: createConnection('pub'), sub: createConnection('sub') };
  const socket = createSocket({ url, onMessage: (message) => session.receive(message), onClose: lose, onTraffic: createTrace(log) });
  const session = createSession(socket, lose);
  const publisher = createPublisher({ connection: connections.pub, codec, exchange });
  const subscriber = createSubscriber({
    connection: connections.sub,
    answer,
    onTracks,
    onError: (error) => log.add({ level: 'error', kind: 'sdp', connection: 'sub', text: error.message }),
  });
  let joined = false;
  let closed = false;
  /** Both, once attached. @type {Record<Which, import('../janus/handle').Handle> | null} */
  let attached = null;
  const handles = attach();
  handles.catch(lose);

  /** @param {Which} which */
  function createConnection(which) {
    const connection = new RTCPeerConnection({ bundlePolicy: 'max-bundle' });
    watchConnection(connection, which, log, descriptions);
    connection.addEventListener('icecandidate', ({ candidate }) => {
      if (candidate?.candidate === '') return; // end of a generation; null is the end of all
      handles.then((both) => both[which].trickle(candidate)).catch(() => {});
    });
    connection.addEventListener('connectionstatechange', () => {
      const state = connection.connectionState;
      log.add({ kind: 'ice', connection: which, text: `connection ${state}` });
      onEvent({ type: 'connection', which, state });
      if (state === 'failed') lose(new Error('the media connection failed'));
    });
    return connection;
  }

  /** `create` and both `attach` in one flight: the session's id is ours. */
  async function attach() {
    await socket.opened;
    const created = session.create();
    const [pub, sub] = await Promise.all([
      session.attach(protocol.PLUGIN, (message) => receive('pub', message)),
      session.attach(protocol.PLUGIN, (message) => receive('sub', message)),
      created,
    ]);
    attached = { pub, sub };
    return attached;
  }

  /** @type {import('./publisher').Exchange} */
  async function exchange(streams, offer) {
    const { pub, sub } = await handles;
    log.add({
      kind: 'signalling',
      connection: 'pub',
      text: `publish ${streams.length} streams${offer ? ' with an offer' : ''}`,
    });
    if (joined) return (await pub.message(protocol.publish(streams), offer)).jsep;
    // `join` and `subscribe` in one flight too, tied by the link
    const link = protocol.randomLink();
    const joining = pub.message(protocol.join(key, display, link, streams), offer);
    const subscribing = sub.message(protocol.subscribe(key, link, codecs));
    subscribing.catch(() => {}); // looked at below; if joining fails it fails too
    const { data, jsep } = await joining;
    joined = true;
    dispatch('pub', data);
    subscribing.catch(lose);
    return jsep;
  }

  /** @param {number} version @param {Jsep} jsep */
  async function answer(version, jsep) {
    try {
      const { sub } = await handles;
      await sub.message(protocol.answer(version), jsep);
    } catch (error) {
      const refusal = /** @type {Error} */ (error);
      log.add({ level: 'warn', kind: 'sdp', connection: 'sub', text: `answer ${version}: ${refusal.message}` });
      if (!isHarmless(refusal)) lose(refusal);
    }
  }

  /**
   * @param {Which} which
   * @param {JanusMessage} message what Janus says on a handle beyond replies
   */
  function receive(which, message) {
    if (message.janus === 'event' && message.plugindata) {
      dispatch(which, message.plugindata.data, message.jsep);
    } else if (message.janus === 'hangup' || message.janus === 'detached') {
      lose(new Error('the server ended the connection'));
    } else {
      log.add({ level: 'debug', kind: 'signalling', connection: which, text: message.janus });
    }
  }

  /** @param {Which} which @param {Record<string, unknown>} data @param {Jsep} [jsep] */
  function dispatch(which, data, jsep) {
    const event = protocol.readEvent(data);
    log.add({ kind: 'signalling', connection: which, participant: participantOf(data), text: summaryOf(data), level: levelOf(data) });
    if (event?.type === 'offer') {
      if (jsep) subscriber.offer(event.version, jsep.sdp);
    } else if (event?.type === 'error') {
      lose(new PluginError(event.problem.code, event.problem.text));
    } else if (event) {
      onEvent(event);
    }
  }

  /** @param {Error} error */
  function lose(error) {
    if (closed) return;
    close();
    onLost(error);
  }

  function close() {
    closed = true;
    session.stop();
    socket.close();
    connections.pub.close();
    connections.sub.close();
  }

  return {
    connections,
    subscriber,
    publisher,
    publish: publisher.set,
    /** A request on PUB that changes no streams. @param {Record<string, unknown>} body */
    async request(body) {
      return (await (await handles).pub.message(body)).data;
    },
    close,
    /** Says so and closes. The socket sends what it was given before it closes, so this also serves `pagehide`. */
    leave() {
      if (joined && !closed) attached?.pub.message(protocol.leave()).catch(() => {});
      close();
    },
  };
}

/** @typedef {ReturnType<typeof createMembership>} Membership */
