// SPDX-License-Identifier: GPL-3.0-only
// A Janus session: makes handles, brings messages to them, keeps itself alive. Knows no room.
import { createHandle } from './handle.js';

/** @typedef {import('../types').JanusMessage} JanusMessage */

/** Less than half of Janus's default session_timeout of 60 s, so one lost keep-alive does no harm. */
const KEEPALIVE_MS = 25_000;

/** @returns {number} a session id nobody can guess: 53 random bits, the most a JSON number carries exactly */
function randomId() {
  const [high, low] = crypto.getRandomValues(new Uint32Array(2));
  return (high & 0x1fffff) * 2 ** 32 + low || 1;
}

/**
 * @param {import('./socket').Socket} socket
 * @param {(error: Error) => void} onTimeout Janus ended the session
 */
export function createSession(socket, onTimeout) {
  const id = randomId();
  /** @type {Map<number, (message: JanusMessage) => void>} */
  const listeners = new Map();
  /** @type {ReturnType<typeof setInterval> | undefined} */
  let timer;

  /** @param {JanusMessage} message */
  const request = (message) => socket.request({ ...message, session_id: id });

  return {
    id,
    /** The id is ours, so `attach` may be sent without waiting for this. */
    async create() {
      await socket.request({ janus: 'create', id });
      timer = setInterval(() => request({ janus: 'keepalive' }).catch(() => {}), KEEPALIVE_MS);
    },
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
    /** @param {JanusMessage} message one of the socket's that is not a reply */
    receive(message) {
      if (message.session_id !== undefined && message.session_id !== id) return;
      if (message.janus === 'timeout') onTimeout(new Error('the session timed out'));
      else if (message.sender !== undefined) listeners.get(message.sender)?.(message);
    },
    stop() {
      clearInterval(timer);
      listeners.clear();
    },
  };
}
