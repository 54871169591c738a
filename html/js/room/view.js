// SPDX-License-Identifier: GPL-3.0-only
// What is to be seen and heard, worked out from the state of the room. Pure.

/** @typedef {import('../types').RoomState} RoomState */
/** @typedef {import('../types').Participant} Participant */
/** @typedef {import('../types').Stream} Stream */
/** @typedef {import('../types').Tile} Tile */

/** @param {Stream} stream */
const isPicture = (stream) => stream.kind === 'camera' || stream.kind === 'screen';

/**
 * @param {Participant} participant
 * @param {Stream} stream
 * @returns {string} "Ada’s screen", "Ada’s screen: Budget"
 */
export function streamLabel(participant, stream) {
  const what = `${participant.display}’s ${stream.kind}`;
  return stream.title ? `${what}: ${stream.title}` : what;
}

/**
 * @param {RoomState} state
 * @param {Participant} participant
 * @param {Stream} stream
 * @returns {string} why there is no picture, or empty
 */
function noticeFor(state, participant, stream) {
  /** @param {import('../types').StreamRef} ref */
  const isIt = (ref) => ref.participant === participant.id && ref.stream === stream.stream;
  const undecodable = state.undecodable.find(isIt);
  if (undecodable) {
    const codec = (undecodable.codec ?? stream.codec ?? 'a format').toUpperCase();
    return `${streamLabel(participant, stream)} is sent as ${codec}, which this browser cannot show.`;
  }
  if (stream.muted) return stream.kind === 'screen' ? 'Paused' : '';
  return state.waiting.some(isIt) ? 'Waiting for a free place…' : '';
}

/** @param {Participant} participant @returns {string} */
function interruptionOf({ interrupted, reason }) {
  if (!interrupted) return '';
  return reason === 'away' ? 'Reconnecting…' : 'Connection interrupted';
}

/**
 * The person's own tile shows the first camera; screens and further cameras have tiles of their own.
 * @param {RoomState} state
 * @returns {Tile[]} everyone else's: screens first, then people, each in the order of joining
 */
export function remoteTiles(state) {
  const slots = [...state.slots.values()];
  /** @type {Tile[]} */
  const screens = [];
  /** @type {Tile[]} */
  const people = [];
  for (const participant of state.participants.values()) {
    const pictures = participant.streams.filter(isPicture);
    const face = pictures.find(({ kind }) => kind === 'camera');
    /** @param {Stream | undefined} stream @returns {string | null} */
    const slotOf = (stream) =>
      (stream &&
        !stream.muted &&
        slots.find((slot) => slot.participant === participant.id && slot.stream === stream.stream)?.key) ||
      null;
    people.push({
      key: participant.id,
      kind: 'person',
      participant: participant.id,
      stream: face?.stream ?? '',
      name: participant.display,
      label: participant.display,
      slot: slotOf(face),
      track: null,
      microphone: participant.streams.some(({ kind, muted }) => kind === 'microphone' && !muted),
      interrupted: interruptionOf(participant),
      notice: face ? noticeFor(state, participant, face) : '',
    });
    for (const stream of pictures) {
      if (stream === face) continue;
      screens.push({
        key: `${participant.id}/${stream.stream}`,
        kind: 'screen',
        participant: participant.id,
        stream: stream.stream,
        name: participant.display,
        label: streamLabel(participant, stream),
        slot: slotOf(stream),
        track: null,
        microphone: null,
        interrupted: interruptionOf(participant),
        notice: noticeFor(state, participant, stream),
      });
    }
  }
  return [...screens, ...people];
}

/**
 * @param {RoomState} state
 * @returns {{key: string, participant: string, kind: string}[]} the slots that carry sound
 */
export function soundSlots(state) {
  const sounds = [];
  for (const slot of state.slots.values()) {
    const stream = state.participants.get(slot.participant)?.streams.find(({ stream: name }) => name === slot.stream);
    if (stream && !isPicture(stream)) sounds.push({ key: slot.key, participant: slot.participant, kind: stream.kind });
  }
  return sounds;
}

/** @param {RoomState} state */
const isBroken = ({ connections, quiet }) =>
  quiet.length > 0 || Object.values(connections).some((one) => one === 'disconnected' || one === 'failed');

/**
 * @param {RoomState} state
 * @returns {{level: 'good' | 'wait' | 'bad', text: string}} the connection in a word
 */
export function connectionStatus(state) {
  if (state.phase === 'rejoining') return { level: 'bad', text: 'Reconnecting…' };
  if (state.phase !== 'joined') return { level: 'wait', text: 'Joining…' };
  if (state.signalling === 'down') return { level: 'bad', text: 'Reconnecting…' };
  const states = Object.values(state.connections);
  if (isBroken(state))
    return { level: 'bad', text: 'Connection is unstable' };
  if (states.includes('connecting')) return { level: 'wait', text: 'Connecting…' };
  return { level: 'good', text: 'Connected' };
}

/**
 * What one has to know of one's own connection, in a sentence.
 * @param {RoomState} state
 * @returns {string} empty if all is well
 */
export function bannerText(state) {
  const { phase, signalling } = state;
  if (phase === 'rejoining') return 'You were disconnected. Coming back into the room by itself…';
  if (phase !== 'joined') return '';
  const broken = isBroken(state);
  if (signalling === 'down' && broken) return 'The connection to the server is lost. Reconnecting…';
  if (signalling === 'down') return 'The connection to the server is lost; the call goes on. Reconnecting…';
  return broken ? 'Your connection is interrupted. Restoring it…' : '';
}

/**
 * What happened, in words.
 * @param {import('../types').RoomEvent} event
 * @param {RoomState} before the event
 * @returns {string} empty if it is not worth a word
 */
export function describeEvent(event, before) {
  if (event.type === 'lost' && before.phase !== 'rejoining')
    return `No connection: ${event.problem.text}. Trying again by itself…`;
  if (event.type === 'joined') return `${event.participant.display} joined`;
  if (event.type === 'left') {
    const who = before.participants.get(event.participant);
    return who ? `${who.display} left` : '';
  }
  if (event.type === 'interrupted') {
    const who = before.participants.get(event.participant);
    return who && event.reason === 'away' && who.reason !== 'away' ? `${who.display} is reconnecting` : '';
  }
  if (event.type === 'resumed') {
    const who = before.participants.get(event.participant);
    return who?.reason === 'away' ? `${who.display} is back` : '';
  }
  if (event.type !== 'streams') return '';
  const who = before.participants.get(event.participant);
  /** @param {Stream[]} streams */
  const screens = (streams) => streams.filter(({ kind }) => kind === 'screen').map(({ stream }) => stream);
  const known = new Set(screens(who?.streams ?? []));
  return who && screens(event.streams).some((stream) => !known.has(stream)) ? `${who.display} shares a screen` : '';
}
