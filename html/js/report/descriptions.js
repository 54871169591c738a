// SPDX-License-Identifier: GPL-3.0-only
// The session descriptions of all connections as they were set, for reading and comparing. Credentials and addresses are
// taken out before one is kept.
import { redact } from './redact.js';

/** @typedef {import('../types').Description} Description */

/** Descriptions kept of each connection. */
const MOST = 20;

export function createDescriptions() {
  /** @type {Description[]} */
  let kept = [];
  let added = 0;

  return {
    /** @param {string} connection @param {'local' | 'remote'} side @param {RTCSessionDescription} description */
    add(connection, side, { type, sdp }) {
      kept.push({ index: ++added, time: Date.now(), connection, side, type, sdp: redact(sdp) });
      const own = kept.filter((one) => one.connection === connection);
      if (own.length > MOST) kept = kept.filter((one) => one !== own[0]);
    },
    all: () => [...kept],
    /** @returns {import('../types').ReportEntry[]} as entries of a report */
    entries: () =>
      kept.map(({ time, connection, side, type, sdp }) => ({
        time, level: /** @type {const} */ ('debug'), kind: 'sdp', participant: '', connection, stream: '', text: `${side} ${type}\n${sdp}`,
      })),
  };
}

/** @typedef {ReturnType<typeof createDescriptions>} Descriptions */
