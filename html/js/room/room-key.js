// SPDX-License-Identifier: GPL-3.0-only
// Which room an address names: the twin of plugins/core/room_key.c. The rules are in docs/protocol.md, section 2;
// tests/data/room-keys.json is the test of both.

const TENANT_MAX = 253; // bytes, RFC 1035 section 2.3.4
const ROOM_SENT_MAX = 2048; // bytes, before normalisation
const ROOM_MAX = 128; // bytes, after it

/** An address that names no room. */
export class RoomKeyError extends Error {
  /** @param {'tenant' | 'room'} part @param {string} why */
  constructor(part, why) {
    super(why);
    this.name = 'RoomKeyError';
    this.part = part;
  }
}

const encoder = new TextEncoder();
/** @param {string} text */
const byteLength = (text) => encoder.encode(text).length;

/** @param {string} tenant */
function readTenant(tenant) {
  const name = tenant.replace(/\.$/, '').replace(/[A-Z]/g, (letter) => letter.toLowerCase());
  const isAddress = /^\[[0-9a-f:.]{2,45}\]$/.test(name);
  const isName = /^[a-z0-9_-]{1,63}(\.[a-z0-9_-]{1,63})*$/.test(name) && name.length <= TENANT_MAX;
  if (!isAddress && !isName) throw new RoomKeyError('tenant', 'The host name is not one a room can belong to.');
  return name;
}

/** @param {string} text @returns {string} */
function percentDecode(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new RoomKeyError('room', 'The address has a broken percent escape.');
  }
}

/** By code point, without context and without language: see docs/protocol.md for why. @param {string} text */
const lowerCase = (text) =>
  text.replace(/[\p{Lu}\p{Lt}]/gu, (letter) => [...letter.toLowerCase()][0]).replaceAll('ς', 'σ');

/** @param {string} room */
function readRoom(room) {
  if (byteLength(room) > ROOM_SENT_MAX) throw new RoomKeyError('room', 'The room’s name is too long.');
  const path = lowerCase(percentDecode(room).normalize('NFC')).normalize('NFC');
  // Cs: half of a surrogate pair, which no UTF-8 can carry
  if (/[\p{Cc}\p{Cs}\uFFFD\\]/u.test(path)) {
    throw new RoomKeyError('room', 'The room’s name has a character that is not allowed.');
  }
  const segments = path.split('/').filter((segment) => segment !== '');
  if (segments.length === 0) throw new RoomKeyError('room', 'The room’s name is empty.');
  if (segments.some((segment) => segment === '.' || segment === '..')) {
    throw new RoomKeyError('room', 'A part of the room’s name cannot be “.” or “..”.');
  }
  if (segments[0] === '_') throw new RoomKeyError('room', 'A room’s name cannot begin with “_/”.');
  const joined = segments.join('/');
  if (byteLength(joined) > ROOM_MAX) throw new RoomKeyError('room', 'The room’s name is too long.');
  return joined;
}

/**
 * @param {string} tenant as in `location.hostname`
 * @param {string} room as in `location.pathname`
 * @returns {import('../types').RoomKey} for showing and comparing; the server is sent what came in
 * @throws {RoomKeyError}
 */
export function parseRoomKey(tenant, room) {
  return { tenant: readTenant(tenant), room: readRoom(room) };
}
