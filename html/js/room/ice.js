// SPDX-License-Identifier: GPL-3.0-only
// Watches one RTCPeerConnection and has its ICE restarted when it needs that: when nothing comes through, when it failed, when it
// was disconnected for a moment, and when the network changed. Media that still flows is not disturbed by a restart.

/** Shorter gaps heal by themselves; browsers call a connection failed only after about 15 s. */
const DISCONNECTED_MS = 2000;
/** A restart that has not connected after so long has failed. */
const PATIENCE_MS = 6000;
const MOST_RESTARTS = 3;

/**
 * @param {object} options
 * @param {RTCPeerConnection} options.connection
 * @param {() => Promise<void>} options.restart settles when the offer is answered, or on its way; may wait for signalling
 * @param {() => void} options.onDead restarting does not help
 */
export function createIceWatch({ connection, restart, onDead }) {
  /** Restarts since it was last connected. */
  let restarts = 0;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  let restarting = false;

  const works = () => ['connected', 'closed'].includes(connection.connectionState);

  async function attempt() {
    clearTimeout(timer);
    if (restarting) return;
    if (restarts >= MOST_RESTARTS) {
      onDead();
      return;
    }
    restarts += 1;
    restarting = true;
    await restart().catch(() => {}); // refused or lost: the next attempt comes as if it had not helped
    restarting = false;
    clearTimeout(timer);
    timer = setTimeout(() => works() || attempt(), PATIENCE_MS);
  }

  connection.addEventListener('connectionstatechange', () => {
    const state = connection.connectionState;
    if (state === 'connected') {
      clearTimeout(timer);
      restarts = 0;
    } else if (state === 'failed') {
      attempt();
    } else if (state === 'disconnected') {
      clearTimeout(timer);
      timer = setTimeout(attempt, DISCONNECTED_MS);
    }
  });

  return {
    /** What the connection knows of its path may be void. Not for one that is still being made. */
    networkChanged() {
      if (!['connected', 'disconnected', 'failed'].includes(connection.connectionState)) return;
      restarts = 0;
      attempt();
    },
    /** Nothing comes through, although the browser may call it connected for some seconds more. */
    quiet() {
      if (connection.connectionState !== 'connected') return; // the browser has noticed, or it is still being made
      restarts = 0; // nothing says that one has helped when it stays connected
      attempt();
    },
    stop: () => clearTimeout(timer),
  };
}

/** @typedef {ReturnType<typeof createIceWatch>} IceWatch */
