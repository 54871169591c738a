// SPDX-License-Identifier: GPL-3.0-only
// What the address and the last visit say: `?name=Ada&join` joins at once; `mic=0` and `cam=0` join without;
// `codec=vp9` (also in the dialog of devices), `width=320`, `topology=per-peer` and `relay` (media through TURN only) are for
// trying things out.
import { DISPLAY_MAX } from './room/protocol.js';
import { recall, remember } from './storage.js';

const NAME_KEY = 'buzz.name';
const TOPOLOGY_KEY = 'buzz.topology';
const CODEC_KEY = 'buzz.codec';
const CODECS = ['vp8', 'vp9', 'h264', 'av1'];

/** @param {string} text @returns {string} as the server would take it; may be empty */
export function tidyName(text) {
  const clean = text.replace(/\p{Cc}+/gu, ' ').trim();
  return [...clean].slice(0, DISPLAY_MAX).join('').trim();
}

/** @param {string} name */
export const rememberName = (name) => remember(NAME_KEY, name);

/** @typedef {import('./room/receivers').Topology} Topology */

/** @param {Topology} topology for this visit and the next ones */
export const rememberTopology = (topology) => remember(TOPOLOGY_KEY, topology);

/** @param {string | null} text @returns {Topology} */
const topologyFrom = (text) => (text === 'per-peer' ? 'per-peer' : 'shared');
/** @param {string} codec of those a browser may send, or empty */
export const rememberCodec = (codec) => remember(CODEC_KEY, codec);

/** @param {Location} location */
export function readSettings(location) {
  const query = new URLSearchParams(location.search);
  const width = Number(query.get('width'));
  const codec = query.get('codec') ?? recall(CODEC_KEY);
  return {
    url: `${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}/_/janus`,
    name: tidyName(query.get('name') ?? recall(NAME_KEY)),
    joinAtOnce: query.has('join'),
    microphone: query.get('mic') !== '0',
    camera: query.get('cam') !== '0',
    codec: CODECS.includes(codec) ? codec : '',
    topology: topologyFrom(query.get('topology') ?? recall(TOPOLOGY_KEY)),
    relayOnly: query.has('relay'),
    width: width >= 160 && width <= 3840 ? width : undefined,
  };
}

/** @typedef {ReturnType<typeof readSettings>} Settings */
