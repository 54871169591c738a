// SPDX-License-Identifier: GPL-3.0-only
// Hands this page's log over when the server collects a report (docs/protocol.md, Reports).
import * as protocol from '../room/protocol.js';
import { measureOffset } from './clock.js';
import { makeParts, sendParts } from './upload.js';

/**
 * @param {object} options
 * @param {import('../room/call').Call} options.call
 * @param {import('../types').Log} options.log
 * @param {import('./series').Series} options.series
 * @param {import('./descriptions').Descriptions} options.descriptions
 */
export function createCollector({ call, log, series, descriptions }) {
  const askServer = async () => Number((await call.request(protocol.clock())).server_ms);

  /** The newest last, as a report wants them. Lines about nobody are about this person. */
  function lines() {
    const self = call.state().id;
    const entries = log.entries().map(({ index: _, ...entry }) => ({ ...entry, participant: entry.participant || self }));
    const described = descriptions.entries().map((entry) => ({ ...entry, participant: self }));
    return [...entries, ...described].sort((a, b) => a.time - b.time);
  }

  /** @param {string} report @param {number} maxBytes */
  async function send(report, maxBytes) {
    const offset = await measureOffset(askServer);
    const parts = makeParts(lines(), series.entries(), maxBytes);
    await sendParts(parts, (part) => call.request(protocol.log(report, { ...part, ...offset })));
  }

  call.watch((_, event) => {
    if (event.type !== 'collect') return;
    log.add({ kind: 'report', text: `the server collects report ${event.report}` });
    send(event.report, event.maxBytes).catch((error) => {
      log.add({ level: 'warn', kind: 'report', text: `the log was not taken: ${error.message}` });
    });
  });
}
