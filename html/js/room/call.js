// SPDX-License-Identifier: GPL-3.0-only
// The call: one room, joined until one leaves it. Keeps the state of the room, and what is to be published, across
// memberships, and comes back by itself when one is lost.
import { PluginError } from '../janus/handle.js';
import { JanusError } from '../janus/socket.js';
import { backoff } from './backoff.js';
import { createMembership } from './membership.js';
import { ErrorCode, isFinal, isFinalReason } from './protocol.js';
import { steadyStreams } from './silence.js';
import { initialState, reduce } from './state.js';

/** @typedef {import('../types').RoomState} RoomState */
/** @typedef {import('../types').RoomEvent} RoomEvent */
/** @typedef {import('../types').Outgoing} Outgoing */
/** @typedef {import('../types').RelayedMessage} RelayedMessage */
/** @typedef {(state: RoomState, event: RoomEvent | {type: 'tracks'}, before: RoomState) => void} CallListener */

/** A membership that held for so long was a good one: the next attempt does not wait long. */
const STEADY_MS = 30_000;

/**
 * @param {object} options
 * @param {string} options.url of the WebSocket
 * @param {import('../types').RoomKey} options.key
 * @param {string[]} options.codecs what this browser can decode
 * @param {string} [options.codec] video codec to prefer for sending
 * @param {() => import('./receivers').Topology} [options.topology] asked at each attempt
 * @param {boolean} [options.relayOnly] no media but through TURN
 * @param {import('../types').Log} options.log
 * @param {import('../report/descriptions').Descriptions} [options.descriptions]
 * @param {typeof createMembership} [options.openMembership]
 */
export function createCall({
  url,
  key,
  codecs,
  codec = '',
  topology = () => 'shared',
  relayOnly = false,
  log,
  descriptions,
  openMembership = createMembership,
}) {
  let state = initialState();
  /** @type {Set<CallListener>} */
  const listeners = new Set();
  /** Who listens to messages, and whether large ones are among what they want. @type {Map<(message: RelayedMessage) => void, boolean>} */
  const relayListeners = new Map();
  /** @type {Outgoing[]} */
  let outgoing = [];
  /** @type {import('./membership').Membership | null} */
  let membership = null;
  /** Who we were when we were last in. @type {import('../types').Seat | null} */
  let seat = null;
  let joinedAt = 0;
  let failures = 0;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let retry;

  /** @param {RoomEvent | {type: 'tracks'}} event */
  function dispatch(event) {
    const before = state;
    if (event.type !== 'tracks') state = reduce(state, event);
    for (const listener of listeners) listener(state, event, before);
  }

  /** @param {RoomEvent} event */
  function receive(event) {
    if (event.type === 'left' && event.participant === state.id) {
      putOut(event.reason);
      return;
    }
    if (event.type === 'welcome') {
      seat = { id: event.id, seat: event.seat };
      joinedAt ||= Date.now();
    }
    dispatch(event);
    if (event.type === 'welcome') openChannelIfWanted();
  }

  function openChannelIfWanted() {
    if (state.phase === 'joined' && [...relayListeners.values()].includes(true)) membership?.relay.open();
  }

  /**
   * @param {{request: string, event: string, data: unknown, to?: string}} body
   * @param {{frequent?: boolean}} [options]
   * @returns {Promise<number | null>}
   */
  function relay(body, options) {
    if (state.phase !== 'joined' || !membership) return Promise.reject(new Error('not in the room'));
    return membership.relay.send(body, options);
  }

  /** @param {string} reason the server's */
  function putOut(reason) {
    if (!isFinalReason(reason)) {
      fail(new Error(`put out of the room (${reason})`));
      return;
    }
    drop();
    seat = null;
    dispatch({ type: 'closed', problem: { code: 0, text: reason } });
  }

  function drop() {
    membership?.close();
    membership = null;
  }

  /** @param {Error} error what ended the membership or the attempt */
  function fail(error) {
    drop();
    const code = error instanceof PluginError ? error.code : 0;
    const problem = { code, text: error.message };
    log.add({ level: 'warn', kind: 'room', text: `lost: ${code ? `${code} ` : ''}${error.message}` });
    if (code === ErrorCode.notYours) seat = null; // somebody else has it by now; an ordinary join is left
    if (isFinal(code, state.id !== '')) {
      dispatch({ type: 'refused', problem });
      return;
    }
    // a server that is there and knows nothing of us: whoever heard that has waited its turn for the claim
    const atOnce = joinedAt > 0 && error instanceof JanusError;
    failures = joinedAt && Date.now() - joinedAt > STEADY_MS ? 1 : failures + 1;
    joinedAt = 0;
    dispatch({ type: 'lost', problem });
    retry = setTimeout(connect, atOnce ? 0 : backoff(failures));
  }

  function connect() {
    clearTimeout(retry);
    dispatch({ type: 'joining', display: state.display });
    membership = openMembership({
      url,
      key,
      display: state.display,
      seat,
      codecs,
      codec,
      topology: topology(),
      relayOnly,
      log,
      descriptions,
      onEvent: receive,
      onRelay: (message) => relayListeners.forEach((_, listener) => listener(message)),
      onTracks: () => dispatch({ type: 'tracks' }),
      steady: (connection) => steadyStreams(state, connection),
      onLost: fail,
    });
    synchronise().catch(() => {}); // a refused first list ends the attempt inside
  }

  /** Brings the server to the wanted list of streams; rejects if the server will not have it. */
  async function synchronise() {
    const current = membership;
    try {
      await current?.publish(outgoing);
    } catch (error) {
      if (current !== membership) return;
      if (state.phase !== 'joined') {
        fail(/** @type {Error} */ (error));
      } else {
        throw error;
      }
    }
  }

  return {
    state: () => state,
    /** @param {CallListener} listener */
    watch(listener) {
      listeners.add(listener);
    },
    /** @param {string} display */
    join(display) {
      if (membership) return;
      state = { ...initialState(), display };
      seat = null;
      failures = 0;
      connect();
    },
    /**
     * @param {Outgoing[]} streams everything to be published from now on, also across losses
     * @returns {Promise<void>}
     */
    publish(streams) {
      outgoing = streams;
      return membership ? synchronise() : Promise.resolve();
    },
    /**
     * @param {Record<string, unknown>} body
     * @returns {Promise<Record<string, any>>} the server's answer; rejects when there is no membership
     */
    request: (body) => membership?.request(body) ?? Promise.reject(new Error('you are not in the room')),
    /** @param {string} preferred video codec from now on; empty: what the browser prefers */
    setCodec(preferred) {
      codec = preferred;
      return membership ? membership.publisher.setCodec(codec) : Promise.resolve();
    },
    /**
     * Something happened to the machine: finds out at once what still works, and does not wait for the next attempt.
     * @param {{networkChanged?: boolean}} [what]
     */
    check(what) {
      if (membership) membership.check(what);
      else if (state.phase === 'rejoining') connect();
    },
    leave() {
      clearTimeout(retry);
      membership?.leave();
      membership = null;
      seat = null;
      dispatch({ type: 'closed', problem: null });
    },
    /**
     * A message to everyone else. Resolves with how many it reached; null where nobody says.
     * @param {string} event
     * @param {unknown} [data]
     * @param {{frequent?: boolean}} [options] frequent: over the data channel, and unanswered
     */
    broadcast: (event, data = null, options) => relay({ request: 'broadcast', event, data }, options),
    /** The same, to oneself too. @param {string} event @param {unknown} [data] @param {{frequent?: boolean}} [options] */
    all: (event, data = null, options) => relay({ request: 'all', event, data }, options),
    /**
     * To one participant; rejects when they are gone.
     * @param {string} to
     * @param {string} event
     * @param {unknown} [data]
     * @param {{frequent?: boolean}} [options]
     */
    direct: (to, event, data = null, options) => relay({ request: 'direct', to, event, data }, options),
    /**
     * @param {(message: RelayedMessage) => void} listener
     * @param {{large?: boolean}} [options] large: also what only a data channel can carry, so one is opened
     * @returns {() => void} the way to stop
     */
    onRelay(listener, { large = false } = {}) {
      relayListeners.set(listener, large);
      openChannelIfWanted();
      return () => {
        relayListeners.delete(listener);
      };
    },
    /** @param {string} slot its key @returns {RTCRtpReceiver | undefined} */
    receiver(slot) {
      const known = state.slots.get(slot);
      return known && membership?.receivers.link(known.connection)?.subscriber.receiver(known.mid);
    },
    /** @param {string} stream an own one @returns {RTCRtpSender | undefined} */
    sender: (stream) => membership?.publisher.sender(stream),
    /** @param {string} mid of PUB @returns {string} the own stream on it, or empty */
    streamOf: (mid) => membership?.publisher.streamOf(mid) ?? '',
    /** All RTCPeerConnections, PUB first, and how many offers each has seen; null while there is no membership. */
    inspect: () =>
      membership && [
        { name: 'pub', participant: '', connection: membership.connection, offers: membership.publisher.offers() },
        ...membership.receivers.links().map(({ name, participant, connection, subscriber }) => ({
          name,
          participant,
          connection,
          offers: subscriber.offers(),
        })),
      ],
  };
}

/** @typedef {ReturnType<typeof createCall>} Call */
