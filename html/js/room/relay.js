// SPDX-License-Identifier: GPL-3.0-only
// Messages between the people in a room (docs/protocol.md, section 7): over signalling, or over PUB's data channel what
// is frequent or large. The channel is offered when it is first needed.
import { PluginError } from '../janus/handle.js';

/** @typedef {import('../types').RelayedMessage} RelayedMessage */
/** @typedef {{request: string, event: string, data: unknown, to?: string}} Body */

/** The server allows as much when nothing else is said. */
const LIMITS = { signalling: 16_384, channel: 60_000 };
const ANSWER_MS = 10_000;
/** More than this waits in the browser for a slow network: frequent messages are then not worth sending. */
const BACKLOG_BYTES = 1_000_000;

/**
 * @param {object} options
 * @param {(body: Record<string, unknown>) => Promise<{data: Record<string, unknown>}>} options.request on PUB
 * @param {() => RTCDataChannel} options.openChannel offers a new one
 * @param {(message: RelayedMessage) => void} options.onMessage
 * @param {(error: Error) => void} options.onError what nobody waits for was refused
 */
export function createRelay({ request, openChannel, onMessage, onError }) {
  let limits = LIMITS;
  let counter = 0;
  /** @type {RTCDataChannel | null} */
  let channel = null;
  /** @type {Promise<RTCDataChannel> | null} */
  let opening = null;
  /**
   * What came over the channel before the server has said on signalling that it uses it: earlier messages may still be under way
   * there. Null once it has. @type {RelayedMessage[] | null}
   */
  let early = [];
  /** Settles when all that was sent over signalling is answered. @type {Promise<unknown>} */
  let underWay = Promise.resolve();
  /** Messages that wait for their answer, by id. @type {Map<string, {resolve: (reached: number) => void, reject: (error: Error) => void}>} */
  const waiting = new Map();

  /** @returns {Promise<RTCDataChannel>} when it is open; rejects if it ends before */
  function open() {
    opening ??= new Promise((resolve, reject) => {
      const opened = openChannel();
      channel = opened;
      opened.addEventListener('open', () => resolve(opened));
      opened.addEventListener('message', ({ data }) => typeof data === 'string' && receive(JSON.parse(data)));
      opened.addEventListener('close', () => {
        const error = new Error('the data channel has ended');
        reject(error);
        opening = null;
        channel = null;
        for (const { reject: refuse } of waiting.values()) refuse(error);
        waiting.clear();
      });
    });
    opening.catch(() => {}); // whoever needs it sees the error
    return opening;
  }

  /** @param {any} body what the server says over the channel */
  function receive(body) {
    const one = waiting.get(body.id);
    waiting.delete(body.id);
    if (body.buzz === 'relay' && early) early.push(readRelay(body));
    else if (body.buzz === 'relay') onMessage(readRelay(body));
    else if (body.buzz === 'relayed') one?.resolve(body.reached);
    else if (body.buzz === 'error') {
      const error = new PluginError(body.error_code, body.error, body.field);
      if (one) one.reject(error);
      else onError(error);
    }
  }

  /**
   * @param {RTCDataChannel} open
   * @param {Body} body
   * @returns {Promise<number>} how many it reached
   */
  function ask(open, body) {
    const id = `m${++counter}`;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        waiting.delete(id);
        reject(new Error('the server does not reply'));
      }, ANSWER_MS);
      waiting.set(id, {
        resolve: (reached) => {
          clearTimeout(timer);
          resolve(reached);
        },
        reject: (error) => {
          clearTimeout(timer);
          reject(error);
        },
      });
      open.send(JSON.stringify({ ...body, id }));
    });
  }

  return {
    open,
    /** Nothing that was sent before the channel was used is under way any more. */
    deliver() {
      const kept = early ?? [];
      early = null;
      for (const message of kept) onMessage(message);
    },
    /** @param {{relay?: number, relay_channel?: number}} told the limits in the answer to `join` */
    setLimits(told) {
      limits = { signalling: told.relay ?? LIMITS.signalling, channel: told.relay_channel ?? LIMITS.channel };
    },
    /**
     * @param {Body} body
     * @param {{frequent?: boolean}} [options] frequent: over the channel as soon as there is one, and unanswered
     * @returns {Promise<number | null>} how many it reached; null where nobody says
     */
    async send(body, { frequent = false } = {}) {
      const bytes = new TextEncoder().encode(JSON.stringify(body.data ?? null)).length;
      const large = bytes > limits.signalling;
      if (bytes > limits.channel) throw new Error(`${bytes} bytes are too many for a message`);
      if (large) return ask(await open(), body);
      if (frequent) {
        open();
        if (channel?.readyState === 'open') {
          if (channel.bufferedAmount > BACKLOG_BYTES) throw new Error('the network is too slow for so many messages');
          const chosen = channel;
          await underWay; // those before it
          if (chosen.readyState !== 'open') throw new Error('the data channel has ended');
          chosen.send(JSON.stringify(body));
          return null;
        }
      }
      const answered = request(body);
      underWay = Promise.allSettled([underWay, answered]);
      const { data } = await answered;
      return Number(data.reached);
    },
  };
}

/** @param {any} body of an event `relay` @returns {RelayedMessage} */
export const readRelay = ({ from, how, event, data }) => ({ from, how, event, data });

/** @typedef {ReturnType<typeof createRelay>} Relay */
