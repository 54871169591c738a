// SPDX-License-Identifier: GPL-3.0-only
// The call as plain JSON, for tests and for people who ask `window.buzz` in the console. Carries no secrets.

/** @typedef {import('../room/call').Call} Call */

/** @param {Call} call */
export function snapshot(call) {
  const state = call.state();
  const inside = call.inspect();
  return {
    state: state.phase,
    id: state.id,
    display: state.display,
    participants: [...state.participants.values()],
    slots: [...state.slots.values()],
    undecodable: state.undecodable,
    waiting: state.waiting,
    problem: state.problem,
    pub: { offers: inside?.pubOffers ?? 0, connectionState: state.connections.pub },
    sub: { offers: inside?.subOffers ?? 0, connectionState: state.connections.sub },
  };
}

/**
 * @param {Call} call
 * @returns {Promise<{pub: unknown[], sub: unknown[]}>} the statistics of both connections
 */
export async function stats(call) {
  const inside = call.inspect();
  if (!inside) return { pub: [], sub: [] };
  const [pub, sub] = await Promise.all([inside.pub.getStats(), inside.sub.getStats()]);
  return { pub: [...pub.values()], sub: [...sub.values()] };
}
