// SPDX-License-Identifier: GPL-3.0-only
// One membership of a room: a session, PUB and SUBs, from `join` until any of them is lost. It survives the loss of its
// WebSocket (the session is claimed, then synchronised) and of its path through the network (ICE restarts). When that does not help,
// coming back is a new membership with the seat of this one (call.js). Only a SUB for a single participant may fail alone.
import { SocketError } from '../janus/socket.js';
import { createSession } from '../janus/session.js';
import { PluginError } from '../janus/handle.js';
import { backoff, claimBackoff } from './backoff.js';
import { participantOf, summaryOf } from './describe.js';
import { createGate } from './gate.js';
import { createIceWatch } from './ice.js';
import { createLink } from './link.js';
import { createPublisher } from './publisher.js';
import { createReceivers } from './receivers.js';
import { createRelay, readRelay } from './relay.js';
import { createTrace, watchConnection } from '../report/watch.js';
import * as protocol from './protocol.js';

/** @typedef {import('../types').JanusMessage} JanusMessage */
/** @typedef {import('../types').Jsep} Jsep */
/** @typedef {import('../janus/handle').Handle} Handle */

/** As the server calls it too: it sends on the channel of this name. */
const CHANNEL = 'buzz';
/** Who leaves while the WebSocket is lost tries so long to say so. The server keeps the session for about as long. */
const FAREWELL_MS = 20_000;

/** Those of reports come in rows. @param {Record<string, any>} data @returns {import('../types').Level} */
const levelOf = ({ buzz }) => (buzz === 'progress' ? 'debug' : 'info');

/** @param {Error} error of a publication @returns {boolean} whether it is worth another try */
function mayPass(error) {
  if (error instanceof PluginError) return error.code === protocol.ErrorCode.busy || error.code === protocol.ErrorCode.internal;
  return !(error instanceof SocketError); // Janus's own refusals and an answer that could not be used
}

/**
 * Opens the WebSocket at once; the first `publish` joins.
 * @param {object} options
 * @param {string} options.url of the WebSocket
 * @param {import('../types').RoomKey} options.key
 * @param {string} options.display
 * @param {import('../types').Seat | null} options.seat of a former membership, to come back as the same participant
 * @param {string[]} options.codecs what this browser can decode
 * @param {string} options.codec video codec to prefer for sending, or empty
 * @param {import('./receivers').Topology} [options.topology]
 * @param {boolean} [options.relayOnly] no media but through TURN
 * @param {import('../types').Log} options.log
 * @param {import('../report/descriptions').Descriptions} [options.descriptions]
 * @param {(event: import('../types').RoomEvent) => void} options.onEvent
 * @param {(message: import('../types').RelayedMessage) => void} options.onRelay
 * @param {() => void} options.onTracks a SUB has new slots
 * @param {(connection: string) => import('./silence').SteadyStream[]} options.steady what flows all the time
 * @param {(error: Error) => void} options.onLost called at most once, and never after `close`
 */
export function createMembership({
  url,
  key,
  display,
  seat,
  codecs,
  codec,
  topology = 'shared',
  relayOnly = false,
  log,
  descriptions,
  onEvent,
  onRelay,
  onTracks,
  steady,
  onLost,
}) {
  /** @type {RTCConfiguration} */
  let configuration = { bundlePolicy: 'max-bundle', ...(relayOnly && { iceTransportPolicy: 'relay' }) };
  /** The name of the connection by its handle. @type {Map<number, string>} */
  const names = new Map();
  const onTraffic = createTrace(log, (handle) => names.get(handle) ?? '');
  const session = createSession({ url, onDown, onUp: synchronise, onLost: lose, onTraffic, delay: claimBackoff });
  const gate = createGate();
  /** By the name of the connection. @type {Map<string, import('./ice').IceWatch>} */
  const paths = new Map();
  /** @type {Promise<void> | null} */
  let created = null;
  /**
   * leaving: left while the WebSocket was lost, which the server is still to be told.
   * @type {'joining' | 'joined' | 'leaving' | 'over'}
   */
  let phase = 'joining';
  const isOver = () => phase === 'leaving' || phase === 'over';
  /** @type {{id: string, seat: string}} */
  let self = { id: '', seat: '' };
  /** @type {() => void} */
  let welcome = () => {};
  /** Settles when the answer to `join` has told the servers for ICE. @type {Promise<void>} */
  const welcomed = new Promise((resolve) => {
    welcome = resolve;
  });

  /** @type {Handle | null} */
  let pub = null;
  const pubHandle = attach((message) => receive(message));
  pubHandle.then((handle) => (pub = handle), lose);
  const connection = connect('pub', pubHandle, () => publisher.restart(), lose);
  const publisher = createPublisher({ connection, codec, exchange, mayPass, delay: backoff });
  const receivers = createReceivers({
    topology,
    makeLink: (name, participant, onFailed) =>
      createLink({ name, participant, attach, connect, ready: welcomed, log, onEvent, onTracks, onFailed, steady, onQuiet: noteQuiet }),
    subscribe: (link) => link.subscribe(protocol.subscribeTo(key, self, link.participant, codecs)),
    onClosed: unlinked,
    onLost: lose,
    log,
  });
  const relay = createRelay({
    request: async (body) => (await pubHandle).message(body),
    openChannel: () => publisher.openChannel(CHANNEL),
    onMessage: onRelay,
    onError: (error) => log.add({ level: 'warn', kind: 'signalling', connection: 'pub', text: error.message }),
  });

  /**
   * The session is created in the same flight as the first handle: its id is ours.
   * @param {(message: JanusMessage) => void} listener
   * @returns {Promise<Handle>}
   */
  async function attach(listener) {
    await session.opened();
    await gate.passed();
    created ??= session.create();
    const [handle] = await Promise.all([session.attach(protocol.PLUGIN, listener), created]);
    return gate.guard(handle);
  }

  /**
   * @param {string} which
   * @param {Promise<Handle>} handle
   * @param {() => Promise<void>} restart has its ICE restarted
   * @param {(error: Error) => void} onFailed
   */
  function connect(which, handle, restart, onFailed) {
    const made = new RTCPeerConnection(configuration);
    watchConnection(made, which, log, descriptions);
    handle.then(({ id }) => names.set(id, which)).catch(() => {}); // whoever needs it is told
    made.addEventListener('icecandidate', ({ candidate }) => {
      if (candidate?.candidate === '') return; // end of a generation; null is the end of all
      // one that is lost is found by Janus from the packets that come from it
      handle.then((attached) => attached.trickle(candidate)).catch(() => {});
    });
    made.addEventListener('connectionstatechange', () => {
      const state = made.connectionState;
      log.add({ kind: 'ice', connection: which, text: `connection ${state}` });
      onEvent({ type: 'connection', which, state });
    });
    const onDead = () => onFailed(new Error('the media connection failed'));
    paths.set(which, createIceWatch({ connection: made, restart, onDead }));
    return made;
  }

  /** @param {string} which a SUB that has ended */
  function unlinked(which) {
    paths.get(which)?.stop();
    paths.delete(which);
    for (const [handle, name] of names) if (name === which) names.delete(handle);
    if (!isOver()) onEvent({ type: 'unlinked', which });
  }

  /** Nothing comes through a connection, or something again. @param {string} which @param {boolean} quiet */
  function noteQuiet(which, quiet) {
    if (isOver()) return;
    log.add({ level: quiet ? 'warn' : 'info', kind: 'ice', connection: which, text: quiet ? 'nothing comes through' : 'something comes through again' });
    onEvent({ type: 'quiet', which, quiet });
    if (quiet) paths.get(which)?.quiet();
  }

  function onDown() {
    if (isOver()) return;
    log.add({ level: 'warn', kind: 'signalling', text: 'the connection to the server was lost' });
    gate.close();
    relay.deliver();
    onEvent({ type: 'signalling', state: 'down' });
  }

  /** One has left meanwhile. */
  async function sayLeave() {
    await pub?.sync(protocol.sync()).then(() => pub?.message(protocol.leave())).catch(() => {}); // not there any more
    end();
    session.destroy();
  }

  /** The session is claimed: learns what was missed, and lets requests through again. */
  async function synchronise() {
    if (phase === 'leaving') await sayLeave();
    if (isOver()) return;
    try {
      const [{ data }] = await Promise.all([
        pubHandle.then((handle) => handle.sync(protocol.sync())),
        ...receivers.links().map((link) => link.sync()),
      ]);
      if (isOver()) return;
      log.add({ kind: 'signalling', text: 'the session is claimed' });
      onEvent({ type: 'signalling', state: 'up' });
      enter(data); // also when the answer to `join` was among what was lost
      gate.open();
    } catch (error) {
      // down once more: it will be claimed again
      if (!(error instanceof SocketError)) lose(/** @type {Error} */ (error));
    }
  }

  /**
   * Tells the server until it has heard. The same offer again is answered alike.
   * @type {import('./publisher').Exchange}
   */
  async function exchange(streams, offer) {
    for (;;) {
      try {
        return await exchangeOnce(streams, offer);
      } catch (error) {
        if (isOver() || !(error instanceof SocketError)) throw error;
      }
    }
  }

  /** @type {import('./publisher').Exchange} */
  async function exchangeOnce(streams, offer) {
    const handle = await pubHandle;
    await gate.passed(); // whether we are in may only be known afterwards
    log.add({
      kind: 'signalling',
      connection: 'pub',
      text: `publish ${streams.length} streams${offer ? ' with an offer' : ''}`,
    });
    if (phase === 'joined') return (await handle.message(protocol.publish(streams), offer)).jsep;
    // `join` and `subscribe` in one flight too, tied by the link
    const secret = protocol.randomLink();
    const joining = handle.message(protocol.join(key, display, secret, streams, seat), offer);
    const subscribing = receivers.link('sub')?.subscribe(protocol.subscribe(key, secret, codecs));
    subscribing?.catch(() => {}); // looked at below; if joining fails it fails too
    const { data, jsep } = await joining;
    enter(data);
    subscribing?.catch(lose);
    return jsep;
  }

  /** @param {Record<string, any>} data the answer to `join`, or to `sync` */
  function enter(data) {
    if (phase === 'joining') phase = 'joined';
    self = { id: data.id, seat: data.seat };
    relay.setLimits(data.limits ?? {});
    useServers(data.ice_servers);
    welcome();
    dispatch(data);
    receivers.agree(data.participants.map((/** @type {{id: string}} */ { id }) => id));
  }

  /** @param {RTCIceServer[]} [servers] with credentials that are good for a while; new ones come in time */
  function useServers(servers) {
    if (!servers?.length) return;
    configuration = { ...configuration, iceServers: servers };
    for (const one of [connection, ...receivers.links().map((link) => link.connection)]) one.setConfiguration(configuration);
  }

  /** @param {JanusMessage} message what Janus says on PUB beyond replies */
  function receive(message) {
    if (message.janus === 'event' && message.plugindata) dispatch(message.plugindata.data);
    else if (message.janus === 'hangup' || message.janus === 'detached')
      lose(new Error('the server ended the connection'));
    else log.add({ level: 'debug', kind: 'signalling', connection: 'pub', text: message.janus });
  }

  /** @param {Record<string, unknown>} data */
  function dispatch(data) {
    const event = protocol.readEvent(data);
    log.add({ kind: 'signalling', connection: 'pub', participant: participantOf(data), text: summaryOf(data), level: levelOf(data) });
    if (data.buzz === 'relay') {
      onRelay(readRelay(data));
    } else if (data.buzz === 'channel') {
      relay.deliver();
    } else if (data.buzz === 'ice_servers') {
      useServers(/** @type {any} */ (data).ice_servers);
    } else if (event?.type === 'error') {
      lose(new PluginError(event.problem.code, event.problem.text));
    } else if ((event?.type === 'interrupted' || event?.type === 'resumed') && event.participant === self.id) {
      noteQuiet('pub', event.type === 'interrupted'); // the server does not hear us
    } else if (event && event.type !== 'offer' && event.type !== 'ended') {
      onEvent(event);
      if (event.type === 'joined') receivers.joined(event.participant.id);
      else if (event.type === 'left') receivers.left(event.participant);
    }
  }

  /** @param {Error} error */
  function lose(error) {
    const before = phase;
    if (before === 'over') return;
    close();
    if (before !== 'leaving') onLost(error);
  }

  function close() {
    session.stop();
    end();
  }

  /** All but the session. */
  function end() {
    phase = 'over';
    endReceiving();
    connection.close();
  }

  function endReceiving() {
    gate.open(); // whoever waits is told by its request that it is over
    for (const path of paths.values()) path.stop();
    receivers.close();
  }

  return {
    connection,
    publisher,
    relay,
    receivers,
    publish: publisher.set,
    /** A request on PUB that changes no streams. @param {Record<string, unknown>} body */
    async request(body) {
      return (await (await pubHandle).message(body)).data;
    },
    close,
    /** Finds out at once what still works. @param {{networkChanged?: boolean}} [what] */
    check({ networkChanged = false } = {}) {
      session.check();
      if (networkChanged) for (const path of paths.values()) path.networkChanged();
    },
    /**
     * Says so and ends. The session is destroyed when that was heard, not before: Janus would do that first. A page that is
     * being closed does not get so far, but what was given to its socket is sent.
     */
    leave() {
      if (isOver()) return;
      if (phase === 'joined' && !session.isUp()) {
        phase = 'leaving'; // said when the session is claimed; without PUB's connection the server would take it for a loss
        endReceiving();
        setTimeout(close, FAREWELL_MS);
        return;
      }
      const told = phase === 'joined' ? pub?.message(protocol.leave()) : undefined;
      end();
      Promise.resolve(told).catch(() => {}).finally(() => session.destroy());
    },
  };
}

/** @typedef {ReturnType<typeof createMembership>} Membership */
