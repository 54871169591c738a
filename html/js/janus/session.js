// SPDX-License-Identifier: GPL-3.0-only
// A Janus session: makes handles, brings messages to them, keeps itself alive, and outlives its WebSocket: when that is lost
// it opens another and claims the session, as often as it takes. Knows no room.
import { createHandle } from './handle.js';
import { createSocket, JanusError } from './socket.js';

/** @typedef {import('../types').JanusMessage} JanusMessage */

/**
 * Janus counts the time in which a session can be claimed (reclaim_session_timeout, 20 s) from the last message, not from the
 * loss, so this is taken off it.
 */
const KEEPALIVE_MS = 5000;
/** A reply to a keep-alive that is asked for because of a suspicion: the user is waiting. */
const CHECK_MS = 2000;

/** @returns {number} a session id nobody can guess: 53 random bits, the most a JSON number carries exactly */
function randomId() {
  const [high, low] = crypto.getRandomValues(new Uint32Array(2));
  return (high & 0x1fffff) * 2 ** 32 + low || 1;
}

/**
 * Opens the first WebSocket at once.
 * @param {object} options
 * @param {string} options.url
 * @param {() => void} options.onDown the WebSocket is lost; nothing can be said or heard until `onUp`
 * @param {() => void} options.onUp the session is claimed. Events may have been lost
 * @param {(error: Error) => void} options.onLost the session is over, or never came to be; called at most once
 * @param {(attempt: number) => number} options.delay ms to wait before the attempt of this number, from 1
 * @param {Parameters<typeof createSocket>[0]['onTraffic']} [options.onTraffic] as for the socket
 * @param {typeof createSocket} [options.openSocket]
 */
export function createSession({ url, onDown, onUp, onLost, delay, onTraffic, openSocket = createSocket }) {
  const id = randomId();
  /** @type {Map<number, (message: JanusMessage) => void>} */
  const listeners = new Map();
  /** new: not created yet. up. down: looking for a way back. over. @type {'new' | 'up' | 'down' | 'over'} */
  let state = 'new';
  let attempts = 0;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let retry;
  /** @type {ReturnType<typeof setInterval> | undefined} */
  let keepalive;
  let socket = connect();

  function connect() {
    /** @type {import('./socket').Socket} */
    const fresh = openSocket({
      url,
      onMessage: receive,
      onTraffic,
      onClose: (error) => fresh === socket && closed(error),
    });
    return fresh;
  }

  /** @param {JanusMessage} message */
  const request = (message, timeoutMs = 0) => socket.request({ ...message, session_id: id }, timeoutMs);

  /** @param {JanusMessage} message one that is not a reply */
  function receive(message) {
    if (message.session_id !== undefined && message.session_id !== id) return;
    if (message.janus === 'timeout') lose(new Error('the session timed out'));
    else if (message.sender !== undefined) listeners.get(message.sender)?.(message);
  }

  /** @param {Error} error */
  function closed(error) {
    if (state === 'new') lose(error);
    if (state === 'over') return;
    if (state === 'up') {
      state = 'down';
      attempts = 0;
      onDown();
    }
    clearTimeout(retry);
    retry = setTimeout(reclaim, delay(++attempts));
  }

  async function reclaim() {
    clearTimeout(retry);
    socket = connect();
    try {
      await socket.opened;
      await request({ janus: 'claim' });
    } catch (error) {
      if (error instanceof JanusError) lose(error); // it knows no such session any more
      return; // otherwise the socket has said that it is closed
    }
    if (state !== 'down') return;
    state = 'up';
    onUp();
  }

  /** A keep-alive; its failure is the end of the socket, a refusal that of the session. @param {number} [timeoutMs] */
  function prove(timeoutMs) {
    if (state !== 'up') return;
    request({ janus: 'keepalive' }, timeoutMs).catch((error) => {
      if (error instanceof JanusError) lose(error);
    });
  }

  /** @param {Error} error */
  function lose(error) {
    if (state === 'over') return;
    stop();
    onLost(error);
  }

  function stop() {
    state = 'over';
    clearTimeout(retry);
    clearInterval(keepalive);
    listeners.clear();
    socket.close();
  }

  return {
    id,
    isUp: () => state === 'up',
    /** The id is ours, so `attach` may be sent without waiting for this. */
    async create() {
      await socket.request({ janus: 'create', id });
      if (state !== 'new') return;
      state = 'up';
      keepalive = setInterval(() => prove(), KEEPALIVE_MS);
    },
    /** Resolves when the first WebSocket is open. */
    opened: () => socket.opened,
    /**
     * @param {string} plugin
     * @param {(message: JanusMessage) => void} listener what Janus says on this handle beyond replies
     */
    async attach(plugin, listener) {
      const reply = await request({ janus: 'attach', plugin });
      const handleId = /** @type {{id: number}} */ (reply.data).id;
      listeners.set(handleId, listener);
      return createHandle(handleId, request);
    },
    /** Finds out at once whether the WebSocket still works, and does not wait for the next attempt if it is lost. */
    check() {
      if (state === 'up') prove(CHECK_MS);
      else if (state === 'down' && socket.hasEnded()) reclaim();
    },
    /** Ends it on the server too, if that can be told. The socket sends what it was given before it closes. */
    destroy() {
      if (state === 'up') request({ janus: 'destroy' }).catch(() => {});
      stop();
    },
    stop,
  };
}

/** @typedef {ReturnType<typeof createSession>} Session */
