// SPDX-License-Identifier: GPL-3.0-only
// The SUBs of one membership: one for everybody, or one for each of the others, which is made when they come, ended when
// they leave, and made anew when it fails, without the others noticing.
import { backoff } from './backoff.js';

/** @typedef {import('./link').Link} Link */
/** @typedef {'shared' | 'per-peer'} Topology */

/**
 * @param {object} options
 * @param {Topology} options.topology
 * @param {(name: string, participant: string, onFailed: (error: Error) => void) => Link} options.makeLink
 * @param {(link: Link) => Promise<void>} options.subscribe asks for a participant's streams
 * @param {(name: string) => void} options.onClosed
 * @param {(error: Error) => void} options.onLost the one for everybody has failed
 * @param {import('../types').Log} options.log
 */
export function createReceivers({ topology, makeLink, subscribe, onClosed, onLost, log }) {
  const perPeer = topology === 'per-peer';
  /** By name, in the order they were made. @type {Map<string, Link>} */
  const links = new Map();
  /** Who is there, with how often their SUB has failed in a row. @type {Map<string, number>} */
  const present = new Map();
  /** @type {Set<ReturnType<typeof setTimeout>>} */
  const timers = new Set();
  if (!perPeer) links.set('sub', makeLink('sub', '', onLost));

  /** @param {string} participant */
  const nameOf = (participant) => `sub:${participant}`;

  /** @param {string} participant */
  function open(participant) {
    const name = nameOf(participant);
    if (!present.has(participant) || links.has(name)) return;
    /** @param {Error} error */
    const onFailed = (error) => failed(participant, error);
    const link = makeLink(name, participant, onFailed);
    links.set(name, link);
    subscribe(link).then(() => links.get(name) === link && present.set(participant, 0), (error) => {
      if (links.get(name) === link) onFailed(error);
    });
  }

  /** @param {string} name @returns {Promise<void>} */
  async function drop(name) {
    const link = links.get(name);
    if (!link) return;
    links.delete(name);
    onClosed(name);
    await link.close();
  }

  /** @param {string} participant @param {Error} error */
  async function failed(participant, error) {
    const failures = (present.get(participant) ?? 0) + 1;
    log.add({ level: 'warn', kind: 'room', connection: nameOf(participant), participant, text: `lost: ${error.message}` });
    if (present.has(participant)) present.set(participant, failures);
    await drop(nameOf(participant)); // the server allows one for each participant
    const timer = setTimeout(() => {
      timers.delete(timer);
      open(participant);
    }, backoff(failures));
    timers.add(timer);
  }

  return {
    /** @returns {Link[]} */
    links: () => [...links.values()],
    /** @param {string} name @returns {Link | undefined} */
    link: (name) => links.get(name),
    /** @param {string} participant somebody else */
    joined(participant) {
      if (!perPeer) return;
      present.set(participant, 0);
      open(participant);
    },
    /** @param {string[]} participants all who are there now, beside oneself */
    agree(participants) {
      for (const participant of [...present.keys()]) {
        if (!participants.includes(participant)) this.left(participant);
      }
      for (const participant of participants) {
        if (!present.has(participant)) this.joined(participant);
      }
    },
    /** @param {string} participant */
    left(participant) {
      present.delete(participant);
      drop(nameOf(participant));
    },
    close() {
      present.clear();
      for (const timer of timers) clearTimeout(timer);
      for (const name of [...links.keys()]) drop(name);
    },
  };
}

/** @typedef {ReturnType<typeof createReceivers>} Receivers */
