// SPDX-License-Identifier: GPL-3.0-only
// What is known of the room: a pure function from state and event to the next state.

/** @typedef {import('../types').RoomState} RoomState */
/** @typedef {import('../types').RoomEvent} RoomEvent */
/** @typedef {import('../types').Participant} Participant */

/** @returns {RoomState} */
export function initialState() {
  return {
    phase: 'idle',
    id: '',
    display: '',
    participants: new Map(),
    slots: new Map(),
    undecodable: [],
    waiting: [],
    connections: {},
    quiet: [],
    signalling: 'up',
    problem: null,
  };
}

/** What belongs to one membership and is void when it ends. */
const NOTHING_RECEIVED = {
  slots: new Map(),
  undecodable: [],
  waiting: [],
  connections: {},
  quiet: [],
  signalling: /** @type {const} */ ('up'),
};

/**
 * @param {RoomState} state
 * @param {string} id
 * @param {Partial<Participant>} change
 * @returns {RoomState} the same object if there is no such participant
 */
function changeParticipant(state, id, change) {
  const participant = state.participants.get(id);
  if (!participant) return state;
  return { ...state, participants: new Map(state.participants).set(id, { ...participant, ...change }) };
}

/**
 * @param {RoomState} state
 * @param {string} id
 * @returns {RoomState}
 */
function removeParticipant(state, id) {
  const participants = new Map(state.participants);
  if (!participants.delete(id)) return state;
  /** @param {{participant: string}} entry */
  const stays = (entry) => entry.participant !== id;
  return {
    ...state,
    participants,
    slots: new Map([...state.slots].filter(([, slot]) => stays(slot))),
    undecodable: state.undecodable.filter(stays),
    waiting: state.waiting.filter(stays),
  };
}

/** @param {string} connection @param {string} mid @returns {string} what a slot is known by: mids are unique within a connection only */
export const slotKey = (connection, mid) => `${connection}/${mid}`;

/**
 * Everything that one connection receives, or nothing any more.
 * @param {RoomState} state
 * @param {string} connection
 * @param {{slots: import('../types').AssignedSlot[], undecodable: import('../types').StreamRef[], waiting: import('../types').StreamRef[]}} received
 * @returns {Pick<RoomState, 'slots' | 'undecodable' | 'waiting'>}
 */
function replaceReceived(state, connection, received) {
  /** @param {{connection: string}} entry */
  const stays = (entry) => entry.connection !== connection;
  /** @template T @param {T} entry */
  const here = (entry) => ({ ...entry, connection });
  const slots = received.slots.map((slot) => ({ ...here(slot), key: slotKey(connection, slot.mid) }));
  return {
    slots: new Map([...[...state.slots.values()].filter(stays), ...slots].map((slot) => [slot.key, slot])),
    undecodable: [...state.undecodable.filter(stays), ...received.undecodable.map(here)],
    waiting: [...state.waiting.filter(stays), ...received.waiting.map(here)],
  };
}

/**
 * @param {RoomState} state never changed
 * @param {RoomEvent} event
 * @returns {RoomState} `state` itself when the event changes nothing
 */
export function reduce(state, event) {
  switch (event.type) {
    case 'joining':
      return {
        ...state,
        ...NOTHING_RECEIVED,
        phase: state.phase === 'rejoining' ? 'rejoining' : 'joining',
        display: event.display,
      };
    case 'welcome':
      return {
        ...state,
        phase: 'joined',
        id: event.id,
        participants: new Map(event.participants.map((participant) => [participant.id, participant])),
        quiet: state.quiet.filter((which) => which !== 'pub'), // said again if it still is
        problem: null,
      };
    case 'joined':
      return { ...state, participants: new Map(state.participants).set(event.participant.id, event.participant) };
    case 'left':
      return removeParticipant(state, event.participant);
    case 'streams':
      return changeParticipant(state, event.participant, { streams: event.streams });
    case 'interrupted':
      return changeParticipant(state, event.participant, { interrupted: true, reason: event.reason });
    case 'resumed':
      return changeParticipant(state, event.participant, { interrupted: false, reason: undefined });
    case 'slots':
      return { ...state, ...replaceReceived(state, event.connection, event) };
    case 'signalling':
      return { ...state, signalling: event.state };
    case 'connection':
      return { ...state, connections: { ...state.connections, [event.which]: event.state } };
    case 'quiet': {
      const others = state.quiet.filter((which) => which !== event.which);
      return { ...state, quiet: event.quiet ? [...others, event.which] : others };
    }
    case 'unlinked': {
      const { [event.which]: ended, ...connections } = state.connections;
      const nothing = { slots: [], undecodable: [], waiting: [] };
      const quiet = state.quiet.filter((which) => which !== event.which);
      return { ...state, ...replaceReceived(state, event.which, nothing), connections, quiet };
    }
    case 'lost':
      return { ...state, ...NOTHING_RECEIVED, phase: 'rejoining', problem: event.problem };
    case 'refused':
      return { ...state, ...NOTHING_RECEIVED, participants: new Map(), phase: 'refused', problem: event.problem };
    case 'closed':
      return { ...state, ...NOTHING_RECEIVED, participants: new Map(), phase: 'left', problem: event.problem };
    default:
      return state;
  }
}
