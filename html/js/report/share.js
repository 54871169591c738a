// SPDX-License-Identifier: GPL-3.0-only
// Brings a report from the room's page, which may read it from the server, to the report page, which has no connection of its
// own. Both are pages of the same site; the messages go through a BroadcastChannel.
import { readReport } from '../room/protocol.js';

const CHANNEL = 'buzz-reports';
const ANSWER_MS = 3000;
const encoder = new TextEncoder();

/**
 * The whole text of a report, piece by piece.
 * @param {(body: Record<string, unknown>) => Promise<Record<string, any>>} request
 * @param {string} id
 */
export async function fetchReport(request, id) {
  let text = '';
  for (let offset = 0; ; ) {
    const part = await request(readReport(id, offset));
    text += part.text;
    offset += encoder.encode(part.text).length;
    if (offset >= part.total || part.text === '') return text;
  }
}

/**
 * For the room's page: answers report pages for as long as the page lives.
 * @param {import('../room/call').Call} call
 */
export function serveReports(call) {
  const channel = new BroadcastChannel(CHANNEL);
  channel.addEventListener('message', async ({ data }) => {
    const id = data?.want;
    if (typeof id !== 'string' || call.state().phase !== 'joined') return;
    channel.postMessage({ id, coming: true });
    try {
      channel.postMessage({ id, text: await fetchReport(call.request, id) });
    } catch (error) {
      channel.postMessage({ id, error: /** @type {Error} */ (error).message });
    }
  });
}

/**
 * For the report page.
 * @param {string} id
 * @returns {Promise<string>} the file's text
 */
export function askForReport(id) {
  const channel = new BroadcastChannel(CHANNEL);
  return new Promise((resolve, reject) => {
    /** Rooms that are reading it: one of them may be another room, to which it does not belong. */
    let coming = 0;
    let timer = setTimeout(fail, ANSWER_MS);
    function fail() {
      channel.close();
      reject(new Error('No open room of this browser has this report. Open the room it is from, or choose the file.'));
    }
    channel.addEventListener('message', ({ data }) => {
      if (data?.id !== id) return;
      clearTimeout(timer);
      if (data.coming) coming += 1;
      if (typeof data.text === 'string') {
        channel.close();
        resolve(data.text);
      } else if (data.error && --coming <= 0) {
        timer = setTimeout(fail, ANSWER_MS);
      }
    });
    channel.postMessage({ want: id });
  });
}
