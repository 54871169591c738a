// SPDX-License-Identifier: GPL-3.0-only
// One WebSocket to Janus: pairs replies with requests by transaction. Knows neither sessions nor rooms.

/** @typedef {import('../types').JanusMessage} JanusMessage */
/** @typedef {object} Pending a request without its concluding reply
 * @property {boolean} ackConcludes
 * @property {(reply: JanusMessage) => void} resolve
 * @property {(error: Error) => void} reject
 * @property {ReturnType<typeof setTimeout>} timer
 */

/** Requests that Janus concludes with an `ack`; for all others an `ack` only says that work has begun. */
const CONCLUDED_BY_ACK = new Set(['keepalive', 'trickle']);

const REPLY_TIMEOUT_MS = 10_000;

/** Janus refused a request (Janus's own error codes). */
export class JanusError extends Error {
  /** @param {number} code @param {string} reason */
  constructor(code, reason) {
    super(reason);
    this.name = 'JanusError';
    this.code = code;
  }
}

/** The socket is closed, could not be opened, or Janus does not reply. */
export class SocketError extends Error {
  /** @param {string} message */
  constructor(message) {
    super(message);
    this.name = 'SocketError';
  }
}

/**
 * @param {object} options
 * @param {string} options.url
 * @param {(message: JanusMessage) => void} options.onMessage what is not the reply to a request
 * @param {(error: SocketError) => void} options.onClose called once, whatever ended it, but not after `close()`
 * @param {(direction: 'sent' | 'received', message: JanusMessage) => void} [options.onTraffic] for the log
 * @param {typeof WebSocket} [options.WebSocketClass]
 * @param {number} [options.timeoutMs] for opening and for each reply
 */
export function createSocket({
  url,
  onMessage,
  onClose,
  onTraffic = () => {},
  WebSocketClass = WebSocket,
  timeoutMs = REPLY_TIMEOUT_MS,
}) {
  /** By transaction. @type {Map<string, Pending>} */
  const pending = new Map();
  const socket = new WebSocketClass(url, 'janus-protocol');
  let counter = 0;
  let ended = false;

  /** @type {Promise<void>} */
  const opened = new Promise((resolve, reject) => {
    const timer = setTimeout(() => end(new SocketError('the server does not reply')), timeoutMs);
    socket.addEventListener('open', () => {
      clearTimeout(timer);
      resolve();
    });
    // reject after resolve is without effect, so this also serves the later end of an open socket
    socket.addEventListener('close', () => {
      clearTimeout(timer);
      reject(new SocketError('the server cannot be reached'));
      end(new SocketError('the connection to the server was lost'));
    });
  });
  opened.catch(() => {}); // whoever waits for it sees the error; nobody has to

  socket.addEventListener('message', (event) => receive(JSON.parse(event.data)));

  /** @param {JanusMessage} message */
  function receive(message) {
    onTraffic('received', message);
    const request = message.transaction === undefined ? undefined : pending.get(message.transaction);
    if (!message.transaction || !request) {
      onMessage(message);
      return;
    }
    if (message.janus === 'ack' && !request.ackConcludes) return;
    pending.delete(message.transaction);
    clearTimeout(request.timer);
    if (message.janus === 'error') {
      request.reject(new JanusError(message.error?.code ?? 0, message.error?.reason ?? 'refused'));
    } else {
      request.resolve(message);
    }
  }

  /** @param {SocketError | null} error null: closed by ourselves */
  function end(error) {
    if (ended) return;
    ended = true;
    socket.close();
    for (const request of pending.values()) {
      clearTimeout(request.timer);
      request.reject(error ?? new SocketError('closed'));
    }
    pending.clear();
    if (error) onClose(error);
  }

  return {
    opened,
    /**
     * Resolves with the concluding reply. A request that stays without one ends the whole socket: a
     * server that is silent is as good as gone.
     * @param {JanusMessage} message
     * @param {number} [patienceMs] how long to wait for it, 0: as long as usual
     * @returns {Promise<JanusMessage>}
     */
    request(message, patienceMs = 0) {
      if (ended) return Promise.reject(new SocketError('closed'));
      const transaction = `t${++counter}`;
      return new Promise((resolve, reject) => {
        const timer = setTimeout(() => end(new SocketError('the server does not reply')), patienceMs || timeoutMs);
        pending.set(transaction, { ackConcludes: CONCLUDED_BY_ACK.has(message.janus), resolve, reject, timer });
        onTraffic('sent', message);
        socket.send(JSON.stringify({ ...message, transaction }));
      });
    },
    close: () => end(null),
    hasEnded: () => ended,
  };
}

/** @typedef {ReturnType<typeof createSocket>} Socket */
