// SPDX-License-Identifier: GPL-3.0-only
// Numbers over time for each stream, worked out from getStats: bit rate, loss, round trip, frame rate, freezes. A ring per
// stream. `compareStats` is pure; the timer that feeds it is in sampler.js.

/** @typedef {import('../types').Sample} Sample */
/** @typedef {import('../types').StreamSeries} StreamSeries */

/**
 * What one m-line did between two reports of getStats.
 * @param {any} now `inbound-rtp` or `outbound-rtp`
 * @param {any} before the same one earlier
 * @returns {Record<string, number>} kbit/s, percent, frames per second, freezes
 */
export function compareStats(now, before) {
  const seconds = (now.timestamp - before.timestamp) / 1000;
  if (!(seconds > 0)) return {};
  /** @param {string} name */
  const delta = (name) => Math.max(0, (now[name] ?? 0) - (before[name] ?? 0));
  const sending = now.type === 'outbound-rtp';
  /** @type {Record<string, number>} */
  const data = { bitrate: Math.round((delta(sending ? 'bytesSent' : 'bytesReceived') * 8) / seconds / 1000) };
  if (!sending) {
    const lost = delta('packetsLost');
    const whole = lost + delta('packetsReceived');
    data.loss = whole > 0 ? Math.round((lost / whole) * 1000) / 10 : 0;
  }
  if (now.kind === 'video') {
    data.fps = Math.round((delta(sending ? 'framesEncoded' : 'framesDecoded') / seconds) * 10) / 10;
    if (!sending) data.freezes = delta('freezeCount');
    if (now.frameHeight) data.height = now.frameHeight;
  }
  return data;
}

/** @param {number} [capacity] samples kept of each stream */
export function createSeries(capacity = 150) {
  /** @type {Map<string, StreamSeries>} */
  const all = new Map();

  return {
    /**
     * @param {{participant: string, connection: string, stream: string}} whose
     * @param {Sample} sample
     */
    add({ participant, connection, stream }, sample) {
      const key = `${connection} ${participant} ${stream}`;
      let series = all.get(key);
      if (!series) {
        series = { key, participant, connection, stream, samples: [] };
        all.set(key, series);
      }
      series.samples.push(sample);
      if (series.samples.length > capacity) series.samples.shift();
    },
    /** @returns {StreamSeries[]} */
    all: () => [...all.values()],
    /** Forgets streams of which nothing came since. @param {number} time Unix ms */
    prune(time) {
      for (const [key, { samples }] of all) {
        if (samples[samples.length - 1].time < time) all.delete(key);
      }
    },
    /** @returns {import('../types').ReportEntry[]} everything, oldest first, as entries of a report */
    entries() {
      return [...all.values()]
        .flatMap(({ participant, connection, stream, samples }) =>
          samples.map(({ time, data }) => ({
            time, level: /** @type {const} */ ('debug'), kind: 'stats', participant, connection, stream, text: '', data,
          })),
        )
        .sort((a, b) => a.time - b.time);
    },
  };
}

/** @typedef {ReturnType<typeof createSeries>} Series */
