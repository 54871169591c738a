// SPDX-License-Identifier: GPL-3.0-only
// Notices that nothing comes through one connection although something should, seconds before the browser calls it
// disconnected. Only what flows all the time counts: microphones and cameras that are on and have been heard here before. The
// server says within a second whom it does not hear; so silence that lasts longer than that is silence of our own path.

/** @typedef {{key: string, mid: string, heard: boolean}} SteadyStream heard: as far as the server has said */

/** Longer than it takes the server to say that somebody is silent (liveness.quiet and a tick), and that to arrive. */
const QUIET_MS = 1500;
/** Longer than it takes somebody whom the server hears again to be heard here: what a browser buffers. */
const RESUMED_MS = 500;
const EVERY_MS = 250;

/**
 * What flows all the time on a connection.
 * @param {import('../types').RoomState} state
 * @param {string} connection its name
 * @returns {SteadyStream[]}
 */
export function steadyStreams({ participants, slots }, connection) {
  const steady = [];
  for (const slot of slots.values()) {
    const participant = participants.get(slot.participant);
    const stream = participant?.streams.find(({ stream: name }) => name === slot.stream);
    if (slot.connection !== connection || !participant || !stream || stream.muted) continue;
    if (stream.kind !== 'microphone' && stream.kind !== 'camera') continue;
    steady.push({ key: `${slot.participant} ${slot.stream}`, mid: slot.mid, heard: !participant.interrupted });
  }
  return steady;
}

/**
 * @param {object} options
 * @param {() => SteadyStream[]} options.streams
 * @param {(mid: string) => RTCRtpReceiver | undefined} options.receiver
 * @param {(quiet: boolean) => void} options.onChange
 */
export function createSilence({ streams, receiver, onChange }) {
  /** The newest packet that has been played of each stream, by the browser's own clock; 0: none. @type {Map<string, number>} */
  let newest = new Map();
  /** Of which streams something has been heard. @type {Set<string>} */
  let known = new Set();
  let heardAt = 0;
  let expectedSince = 0;
  let quiet = false;

  /** @param {boolean} now */
  function change(now) {
    if (quiet === now) return;
    quiet = now;
    onChange(quiet);
  }

  /** @param {SteadyStream[]} steady @returns {boolean} whether anything has come since the last look */
  function listen(steady) {
    const before = newest;
    newest = new Map();
    let heard = false;
    for (const { key, mid } of steady) {
      const sources = receiver(mid)?.getSynchronizationSources() ?? [];
      const timestamp = Math.max(0, ...sources.map((source) => source.timestamp));
      newest.set(key, timestamp);
      if (!before.has(key) || timestamp === before.get(key)) continue;
      known.add(key);
      heard = true;
    }
    known = new Set([...known].filter((key) => newest.has(key)));
    return heard;
  }

  function look() {
    const now = Date.now();
    const steady = streams();
    const hears = listen(steady);
    const expects = steady.some(({ key, heard }) => heard && known.has(key));
    if (hears) heardAt = now;
    if (!expects) expectedSince = now;
    if (hears || !expects) change(false);
    else if (now >= heardAt + QUIET_MS && now >= expectedSince + RESUMED_MS) change(true);
  }

  const timer = setInterval(look, EVERY_MS);
  return { stop: () => clearInterval(timer) };
}
