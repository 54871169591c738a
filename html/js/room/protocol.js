// SPDX-License-Identifier: GPL-3.0-only
// The requests this page makes and the events it understands: the twin of docs/protocol.md.

/** @typedef {import('../types').RoomEvent} RoomEvent */
/** @typedef {import('../types').RoomKey} RoomKey */
/** @typedef {Record<string, unknown>} Body */

export const PLUGIN = 'janus.plugin.buzz';
export const VERSION = 1;

/** Longest name and title, in code points. */
export const DISPLAY_MAX = 64;
export const TITLE_MAX = 128;

export const ErrorCode = Object.freeze({
  badSdp: 435,
  wrongState: 440,
  staleAnswer: 441,
  notYours: 443,
  roomFull: 450,
  tooManyStreams: 452,
  busy: 453,
  internal: 499,
});

/** A refusal with one of these will not be lifted by trying again. */
const FINAL_ERRORS = new Set([430, 431, 432, 433, 434]);

/**
 * @param {number} code
 * @param {boolean} wasIn whether this person has been in the room before: then a full room is one that still counts
 *   them, and they wait for their own place
 */
export const isFinal = (code, wasIn) => FINAL_ERRORS.has(code) || (code === ErrorCode.roomFull && !wasIn);

/** Whoever is put out for one of these reasons does not come back by itself. */
const FINAL_REASONS = new Set(['leave', 'kicked', 'replaced']);

/** @param {string} reason */
export const isFinalReason = (reason) => FINAL_REASONS.has(reason);

/** @returns {string} the secret that ties `subscribe` to `join`: 32 characters of `a-f 0-9` */
export function randomLink() {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/**
 * @param {RoomKey} key
 * @param {string} display
 * @param {string} link
 * @param {Body[]} streams
 * @param {import('../types').Seat | null} seat of a former join, to come back as the same participant
 */
export const join = (key, display, link, streams, seat) => ({
  request: 'join',
  v: VERSION,
  tenant: key.tenant,
  room: key.room,
  display,
  link,
  streams,
  ...seat,
});

/**
 * @param {RoomKey} key
 * @param {string} link
 * @param {string[]} codecs
 */
export const subscribe = (key, link, codecs) => ({
  request: 'subscribe',
  v: VERSION,
  tenant: key.tenant,
  room: key.room,
  link,
  rtx: false,
  codecs,
});

/**
 * A SUB that carries only the streams of `from`.
 * @param {RoomKey} key
 * @param {{id: string, seat: string}} self
 * @param {string} from
 * @param {string[]} codecs
 */
export const subscribeTo = (key, self, from, codecs) => ({
  request: 'subscribe',
  v: VERSION,
  tenant: key.tenant,
  room: key.room,
  id: self.id,
  seat: self.seat,
  from,
  rtx: false,
  codecs,
});

/** @param {Body[]} streams */
export const publish = (streams) => ({ request: 'publish', streams });
/** SUB is to be offered again with new ICE credentials. */
export const restart = () => ({ request: 'restart' });
/** Asks for all that may have been missed. */
export const sync = () => ({ request: 'sync' });
export const leave = () => ({ request: 'leave' });
export const clock = () => ({ request: 'clock' });
/** @param {string} text */
export const report = (text) => ({ request: 'report', text });
/** @param {string} id of the report @param {Body} part */
export const log = (id, part) => ({ request: 'log', report: id, ...part });
/** @param {string} id of the report @param {number} offset bytes */
export const readReport = (id, offset) => ({ request: 'read_report', report: id, offset });
/** @param {number} version */
export const answer = (version) => ({ request: 'answer', version });

/** @param {any} event @returns {RoomEvent} */
const welcome = ({ id, seat, participants }) => ({ type: 'welcome', id, seat, participants });

/**
 * @param {Body} data the plugin's data of an answer or event
 * @param {string} [connection] the one it came on
 * @returns {RoomEvent | import('../types').OfferEvent | import('../types').ErrorEvent | {type: 'ended'} | null} null: nothing
 *   this page has to act on
 */
export function readEvent(data, connection = 'sub') {
  const event = /** @type {any} */ (data);
  switch (event.buzz) {
    case 'joined':
      if (event.participant) return { type: 'joined', participant: event.participant };
      return welcome(event);
    case 'synced':
      return event.participants ? welcome(event) : null; // on SUB: slots and, if one is open, an offer follow
    case 'left':
      return { type: 'left', participant: event.participant, reason: event.reason };
    case 'streams':
      return { type: 'streams', participant: event.participant, streams: event.streams };
    case 'interrupted':
    case 'resumed':
      return { type: event.buzz, participant: event.participant, reason: event.reason };
    case 'slots':
      return {
        type: 'slots',
        connection,
        slots: event.slots,
        undecodable: event.undecodable ?? [],
        waiting: event.waiting ?? [],
      };
    case 'collect':
      return { type: 'collect', report: event.report, deadlineMs: event.deadline_ms, maxBytes: event.max_bytes };
    case 'progress':
      return { type: 'progress', report: event.report, collected: event.collected, expected: event.expected };
    case 'reported': {
      const { report: id, collected, expected, stored, reason = '' } = event;
      return { type: 'reported', report: id, collected, expected, stored, reason };
    }
    case 'ended':
      return { type: 'ended' };
    case 'offer':
      return { type: 'offer', version: event.version };
    case 'error':
      return { type: 'error', problem: { code: event.error_code, text: event.error } };
    default:
      return null;
  }
}
