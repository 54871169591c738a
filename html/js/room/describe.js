// SPDX-License-Identifier: GPL-3.0-only
// What the server says, in a line for the log.

/** @param {Record<string, any>} data of an event @returns {string} whom it is about, or empty */
export const participantOf = ({ participant, from }) =>
  (typeof participant === 'string' ? participant : participant?.id) ?? from ?? '';

/** @param {Record<string, any>} data of an event @returns {string} nothing secret, and nothing of what people say */
export function summaryOf({ buzz, version, reason, participant, streams, slots, event, reached }) {
  const details = [
    version && `version ${version}`,
    reason,
    participant?.display,
    streams && `${streams.length} streams`,
    slots && `${slots.length} in use`,
    event,
    reached !== undefined && `reached ${reached}`,
  ];
  return [buzz, ...details.filter(Boolean)].join(', ');
}
