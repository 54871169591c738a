// SPDX-License-Identifier: GPL-3.0-only
// How loud each microphone is at present, for the ring around a tile. Looked at only while the page is seen.
// In steps, and without a transition: what changes all the time has the whole page drawn 60 times a second, which costs more
// than the sound itself (docs/design.md). A quiet microphone's noise is below the first step.

const INTERVAL_MS = 200;
const STEPS = 8;

/**
 * Speech is rarely above 0.3; the root makes quiet voices visible.
 * @param {number} level of the sound, 0 to 1
 * @returns {number} of the ring, 0 to 1
 */
export function ringLevel(level) {
  return Math.floor(Math.min(1, Math.sqrt(level * 3)) * STEPS) / STEPS;
}

/** @param {RTCRtpReceiver | RTCRtpSender} end @returns {Promise<number>} 0 to 1 */
async function levelFromStats(end) {
  let level = 0;
  for (const entry of (await end.getStats()).values()) {
    if (typeof entry.audioLevel === 'number') level = Math.max(level, entry.audioLevel);
  }
  return level;
}

/** @param {RTCRtpReceiver} receiver @returns {Promise<number>} */
async function levelOf(receiver) {
  // free of cost where the sender's audio-level extension comes through
  return receiver.getSynchronizationSources()[0]?.audioLevel ?? levelFromStats(receiver);
}

/**
 * @param {object} options
 * @param {() => Map<string, RTCRtpReceiver | RTCRtpSender>} options.ends what to measure, by tile key
 * @param {(levels: Map<string, number>) => void} options.onLevels 0 to 1
 */
export function createLevelMeter({ ends, onLevels }) {
  let measuring = false;

  async function measure() {
    if (document.hidden || measuring) return;
    measuring = true;
    /** @type {Map<string, number>} */
    const levels = new Map();
    try {
      for (const [key, end] of ends()) {
        const level = end instanceof RTCRtpReceiver ? await levelOf(end) : await levelFromStats(end);
        levels.set(key, ringLevel(level));
      }
      onLevels(levels);
    } catch {
      // a connection was closed meanwhile; the next round sees the new one
    } finally {
      measuring = false;
    }
  }

  const timer = setInterval(measure, INTERVAL_MS);
  return { stop: () => clearInterval(timer) };
}
