// SPDX-License-Identifier: GPL-3.0-only
// The call: one room, joined until one leaves it. Keeps the state of the room, and what is to be published, across
// memberships, and comes back by itself when one is lost.
import { PluginError } from '../janus/handle.js';
import { backoff } from './backoff.js';
import { createMembership } from './membership.js';
import { ErrorCode, isFinal, isFinalReason } from './protocol.js';
import { initialState, reduce } from './state.js';

/** @typedef {import('../types').RoomState} RoomState */
/** @typedef {import('../types').RoomEvent} RoomEvent */
/** @typedef {import('../types').Outgoing} Outgoing */
/** @typedef {(state: RoomState, event: RoomEvent | {type: 'tracks'}, before: RoomState) => void} CallListener */

/** A membership that held for so long was a good one: the next attempt does not wait long. */
const STEADY_MS = 30_000;
const BUSY_RETRY_MS = 1000;

/** @param {number} ms @returns {Promise<void>} */
const sleep = (ms) =>
  new Promise((resolve) => {
    setTimeout(resolve, ms);
  });

/**
 * @param {object} options
 * @param {string} options.url of the WebSocket
 * @param {import('../types').RoomKey} options.key
 * @param {string[]} options.codecs what this browser can decode
 * @param {string} [options.codec] video codec to prefer for sending
 * @param {import('../types').Log} options.log
 * @param {import('../report/descriptions').Descriptions} [options.descriptions]
 * @param {typeof createMembership} [options.openMembership]
 */
export function createCall({ url, key, codecs, codec = '', log, descriptions, openMembership = createMembership }) {
  let state = initialState();
  /** @type {Set<CallListener>} */
  const listeners = new Set();
  /** @type {Outgoing[]} */
  let outgoing = [];
  /** @type {import('./membership').Membership | null} */
  let membership = null;
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
    if (event.type === 'welcome') joinedAt = Date.now();
    dispatch(event);
  }

  /** @param {string} reason the server's */
  function putOut(reason) {
    if (!isFinalReason(reason)) {
      fail(new Error(`put out of the room (${reason})`));
      return;
    }
    drop();
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
    if (isFinal(code, state.id !== '')) {
      dispatch({ type: 'refused', problem });
      return;
    }
    failures = joinedAt && Date.now() - joinedAt > STEADY_MS ? 1 : failures + 1;
    joinedAt = 0;
    dispatch({ type: 'lost', problem });
    retry = setTimeout(connect, backoff(failures));
  }

  function connect() {
    clearTimeout(retry);
    dispatch({ type: 'joining', display: state.display });
    membership = openMembership({
      url,
      key,
      display: state.display,
      codecs,
      codec,
      log,
      descriptions,
      onEvent: receive,
      onTracks: () => dispatch({ type: 'tracks' }),
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
      } else if (error instanceof PluginError && error.code === ErrorCode.busy) {
        await sleep(BUSY_RETRY_MS);
        await synchronise();
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
    /** Does not wait for the next attempt, e.g. because the network is back. */
    hurry() {
      if (state.phase === 'rejoining' && !membership) connect();
    },
    leave() {
      clearTimeout(retry);
      membership?.leave();
      membership = null;
      dispatch({ type: 'closed', problem: null });
    },
    /** @param {string} mid of a slot @returns {RTCRtpReceiver | undefined} */
    receiver: (mid) => membership?.subscriber.receiver(mid),
    /** @param {string} stream an own one @returns {RTCRtpSender | undefined} */
    sender: (stream) => membership?.publisher.sender(stream),
    /** @param {string} mid of PUB @returns {string} the own stream on it, or empty */
    streamOf: (mid) => membership?.publisher.streamOf(mid) ?? '',
    /** The two RTCPeerConnections and how many offers each has seen; null while there is no membership. */
    inspect: () =>
      membership && {
        ...membership.connections,
        pubOffers: membership.publisher.offers(),
        subOffers: membership.subscriber.offers(),
      },
  };
}

/** @typedef {ReturnType<typeof createCall>} Call */
