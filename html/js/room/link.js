// SPDX-License-Identifier: GPL-3.0-only
// One SUB: its handle, its connection and its negotiation. It carries everybody's streams, or a single participant's.
import { PluginError } from '../janus/handle.js';
import { JanusError, SocketError } from '../janus/socket.js';
import { participantOf, summaryOf } from './describe.js';
import * as protocol from './protocol.js';
import { createSilence } from './silence.js';
import { createSubscriber } from './subscriber.js';

/** @typedef {import('../janus/handle').Handle} Handle */
/** @typedef {import('../types').JanusMessage} JanusMessage */
/** @typedef {import('../types').Jsep} Jsep */

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

/**
 * @param {object} options
 * @param {string} options.name
 * @param {string} options.participant whose streams alone it carries; empty: everybody's
 * @param {(listener: (message: JanusMessage) => void) => Promise<Handle>} options.attach
 * @param {(name: string, handle: Promise<Handle>, restart: () => Promise<void>, onFailed: (error: Error) => void) => RTCPeerConnection} options.connect
 * @param {Promise<unknown>} options.ready when the servers for ICE are known: nothing is gathered before
 * @param {import('../types').Log} options.log
 * @param {(event: import('../types').RoomEvent) => void} options.onEvent
 * @param {() => void} options.onTracks it has new slots
 * @param {(connection: string) => import('./silence').SteadyStream[]} options.steady what flows all the time
 * @param {(connection: string, quiet: boolean) => void} options.onQuiet
 * @param {(error: Error) => void} options.onFailed called at most once, and never after `close`
 */
export function createLink({ name, participant, attach, connect, ready, log, onEvent, onTracks, steady, onQuiet, onFailed }) {
  let closed = false;
  /** Failed, or has nothing more to say: only `close` is left. */
  let over = false;
  const handle = attach(receive);
  handle.catch(fail);
  const connection = connect(name, handle, restart, fail);
  const subscriber = createSubscriber({
    connection,
    answer,
    onTracks,
    onError: (error) => log.add({ level: 'error', kind: 'sdp', connection: name, text: error.message }),
  });
  const silence = createSilence({
    streams: () => steady(name),
    receiver: subscriber.receiver,
    onChange: (quiet) => onQuiet(name, quiet),
  });

  /** @param {Error} error */
  function fail(error) {
    if (closed || over) return;
    over = true;
    onFailed(error);
  }

  /** @param {number} version @param {Jsep} jsep */
  async function answer(version, jsep) {
    try {
      await (await handle).message(protocol.answer(version), jsep);
    } catch (error) {
      // when it was cut off, the offer comes again with the claimed session
      if (closed || over || error instanceof SocketError) return;
      const refusal = /** @type {Error} */ (error);
      log.add({ level: 'warn', kind: 'sdp', connection: name, text: `answer ${version}: ${refusal.message}` });
      if (!isHarmless(refusal)) fail(refusal);
    }
  }

  /** Offered again with new ICE credentials. @returns {Promise<void>} */
  async function restart() {
    await (await handle).message(protocol.restart());
  }

  /** @param {JanusMessage} message what Janus says on the handle beyond replies */
  function receive(message) {
    if (closed || over) return;
    if (message.janus === 'event' && message.plugindata) dispatch(message.plugindata.data, message.jsep);
    else if (message.janus === 'hangup' || message.janus === 'detached') fail(new Error('the server ended the connection'));
    else log.add({ level: 'debug', kind: 'signalling', connection: name, text: message.janus });
  }

  /** @param {Record<string, unknown>} data @param {Jsep} [jsep] */
  function dispatch(data, jsep) {
    const event = protocol.readEvent(data, name);
    log.add({ kind: 'signalling', connection: name, participant: participantOf(data), text: summaryOf(data) });
    if (event?.type === 'offer') {
      if (jsep) ready.then(() => !closed && subscriber.offer(event.version, jsep.sdp));
    } else if (event?.type === 'error') {
      fail(new PluginError(event.problem.code, event.problem.text));
    } else if (event?.type === 'ended') {
      over = true; // the participant has left, and PUB says so too
    } else if (event) {
      onEvent(event);
    }
  }

  return {
    name,
    participant,
    connection,
    subscriber,
    /** @param {Record<string, unknown>} body of `subscribe` @returns {Promise<void>} */
    async subscribe(body) {
      const attached = await handle;
      for (let cut = false; ; ) {
        try {
          await attached.message(body);
          return;
        } catch (error) {
          if (closed || over) throw error;
          const done = error instanceof PluginError && error.code === protocol.ErrorCode.wrongState;
          if (cut && done) return; // the first one had arrived
          if (!(error instanceof SocketError)) throw error;
          cut = true;
        }
      }
    },
    /** The session was claimed: what was missed comes as events. A refusal is this SUB's failure alone. @returns {Promise<void>} */
    async sync() {
      try {
        await (await handle).sync(protocol.sync());
      } catch (error) {
        if (error instanceof SocketError) throw error;
        fail(/** @type {Error} */ (error));
      }
    },
    /** @returns {Promise<void>} when the server has let it go too */
    async close() {
      closed = true;
      silence.stop();
      connection.close();
      await handle.then((attached) => attached.detach()).catch(() => {}); // gone already
    },
  };
}

/** @typedef {ReturnType<typeof createLink>} Link */
