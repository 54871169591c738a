// SPDX-License-Identifier: GPL-3.0-only
// SUB: the connection on which only the server offers. Everything is keyed on mid: a slot keeps its mid, its
// transceiver and its MediaStreamTrack for as long as the connection lives, whatever it carries.
import { stripRtx } from './sdp.js';

/** @typedef {import('../types').Jsep} Jsep */

/**
 * @param {object} options
 * @param {RTCPeerConnection} options.connection used by nobody else
 * @param {(version: number, jsep: Jsep) => void} options.answer sends the answer to the offer of that version
 * @param {() => void} options.onTracks there are new slots
 * @param {(error: Error) => void} options.onError an offer could not be used; the server will offer again
 */
export function createSubscriber({ connection, answer, onTracks, onError }) {
  /** @type {Map<string, RTCRtpReceiver>} */
  const receivers = new Map();
  /** The newest offer that is not worked on yet. @type {{version: number, sdp: string} | null} */
  let next = null;
  let newest = 0;
  let applied = 0;
  let working = false;

  function learnReceivers() {
    const before = receivers.size;
    for (const { mid, receiver } of connection.getTransceivers()) {
      if (mid !== null) receivers.set(mid, receiver);
    }
    if (receivers.size !== before) onTracks();
  }

  /** @param {{version: number, sdp: string}} offer */
  async function apply(offer) {
    await connection.setRemoteDescription({ type: 'offer', sdp: stripRtx(offer.sdp) });
    applied += 1;
    learnReceivers();
    // with a newer offer in hand this one needs no answer; the newer one replaces it
    if (next) return;
    await connection.setLocalDescription();
    if (next) return;
    const { type, sdp } = /** @type {Jsep} */ (connection.localDescription);
    answer(offer.version, { type, sdp });
  }

  async function work() {
    working = true;
    while (next) {
      const offer = next;
      next = null;
      try {
        await apply(offer);
      } catch (error) {
        onError(/** @type {Error} */ (error));
      }
    }
    working = false;
  }

  return {
    /**
     * @param {number} version
     * @param {string} sdp
     * @returns {boolean} false: ignored, because it is older than one seen before, or the same that is being worked on
     */
    offer(version, sdp) {
      // the same one again is the server's way to say that our answer did not arrive
      if (version < newest || (version === newest && working)) return false;
      newest = version;
      next = { version, sdp };
      if (!working) work();
      return true;
    },
    /**
     * @param {string} mid
     * @returns {RTCRtpReceiver | undefined}
     */
    receiver: (mid) => receivers.get(mid),
    /** Offers applied so far. */
    offers: () => applied,
  };
}
