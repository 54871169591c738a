// SPDX-License-Identifier: GPL-3.0-only
// The call as plain JSON, for tests and for people who ask `window.buzz` in the console. Carries no secrets.

/** @typedef {import('../room/call').Call} Call */

/** @param {Call} call */
export function snapshot(call) {
  const state = call.state();
  const connections = (call.inspect() ?? []).map(({ name, participant, connection, offers }) => ({
    name,
    participant,
    offers,
    connectionState: connection.connectionState,
    iceConnectionState: connection.iceConnectionState,
    signalingState: connection.signalingState,
  }));
  /** @param {string} name */
  const summary = (name) => ({
    offers: connections.find((one) => one.name === name)?.offers ?? 0,
    connectionState: state.connections[name] ?? 'new',
  });
  return {
    state: state.phase,
    id: state.id,
    display: state.display,
    participants: [...state.participants.values()],
    slots: [...state.slots.values()],
    undecodable: state.undecodable,
    waiting: state.waiting,
    problem: state.problem,
    signalling: state.signalling,
    quiet: state.quiet,
    connections,
    pub: summary('pub'),
    sub: summary('sub'),
  };
}

/**
 * @param {Call} call
 * @returns {Promise<Record<string, unknown[]>>} the statistics of each connection, by its name
 */
export async function stats(call) {
  const all = call.inspect() ?? [];
  const reports = await Promise.all(all.map(({ connection }) => connection.getStats()));
  return Object.fromEntries(all.map(({ name }, index) => [name, [...reports[index].values()]]));
}
