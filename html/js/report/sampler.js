// SPDX-License-Identifier: GPL-3.0-only
// Reads the statistics of all connections every other second: numbers go to the series, changes of layer to the log.
import { slotKey } from '../room/state.js';
import { compareStats } from './series.js';

const EVERY_MS = 2000;
/** A stream that ended is kept so long, so that a report can still show how it ended. */
const KEEP_MS = 5 * 60_000;

/**
 * @param {object} options
 * @param {import('../room/call').Call} options.call
 * @param {import('../types').Log} options.log
 * @param {import('./series').Series} options.series
 */
export function createSampler({ call, log, series }) {
  /** The last report of each m-line. @type {Map<string, any>} */
  let before = new Map();
  /** The last picture size or reason of each m-line. @type {Map<string, string>} */
  const layers = new Map();

  /** @param {string} connection its name @param {any} row @returns {{participant: string, stream: string} | null} */
  function ownerOf(connection, row) {
    if (connection === 'pub') return { participant: call.state().id, stream: call.streamOf(row.mid) + (row.rid ? `-${row.rid}` : '') };
    return call.state().slots.get(slotKey(connection, row.mid)) ?? null;
  }

  /** @param {string} connection its name @param {{participant: string, stream: string}} owner @param {any} row */
  function noteLayer(connection, { participant, stream }, row) {
    if (row.kind !== 'video') return;
    const limit = row.qualityLimitationReason && row.qualityLimitationReason !== 'none' ? `, limited by ${row.qualityLimitationReason}` : '';
    const text = row.frameWidth ? `${row.frameWidth}×${row.frameHeight}${limit}` : 'no picture';
    const key = `${connection} ${row.id}`;
    if (layers.get(key) === text) return;
    layers.set(key, text);
    log.add({ kind: 'layers', participant, connection, stream, text });
  }

  /** @param {string} connection its name @param {RTCStatsReport} report @param {Map<string, any>} seen */
  function take(connection, report, seen) {
    const pair = [...report.values()].find((row) => row.type === 'candidate-pair' && row.nominated && row.state === 'succeeded');
    /** @type {Record<string, number>} */
    const rtt = pair?.currentRoundTripTime === undefined ? {} : { rtt: Math.round(pair.currentRoundTripTime * 10_000) / 10 };
    for (const row of report.values()) {
      if (row.type !== (connection === 'pub' ? 'outbound-rtp' : 'inbound-rtp') || row.mid === undefined) continue;
      const owner = ownerOf(connection, row);
      const key = `${connection} ${row.id}`;
      seen.set(key, row);
      const last = before.get(key);
      if (!owner || !last) continue;
      noteLayer(connection, owner, row);
      const remote = [...report.values()].find((one) => one.type === 'remote-inbound-rtp' && one.localId === row.id);
      /** @type {Record<string, number>} */
      const loss = remote?.fractionLost === undefined ? {} : { loss: Math.round(remote.fractionLost * 1000) / 10 };
      const { participant, stream } = owner;
      series.add({ participant, connection, stream }, { time: Date.now(), data: { ...compareStats(row, last), ...loss, ...rtt } });
    }
  }

  async function sample() {
    /** @type {Map<string, any>} */
    const seen = new Map();
    for (const { name, connection } of call.inspect() ?? []) {
      if (connection.connectionState !== 'connected') continue;
      take(name, await connection.getStats(), seen);
    }
    before = seen;
    series.prune(Date.now() - KEEP_MS);
  }

  setInterval(() => sample().catch(() => {}), EVERY_MS); // a connection that closed meanwhile has no statistics
}
