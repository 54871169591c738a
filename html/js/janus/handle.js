// SPDX-License-Identifier: GPL-3.0-only
// A Janus handle: one attachment to the plugin. Numbers its requests with `seq` (docs/protocol.md, section 3).

/** @typedef {import('../types').JanusMessage} JanusMessage */
/** @typedef {import('../types').Jsep} Jsep */

/** The plugin refused a request. */
export class PluginError extends Error {
  /** @param {number} code @param {string} text @param {string} [field] */
  constructor(code, text, field = '') {
    super(text);
    this.name = 'PluginError';
    this.code = code;
    this.field = field;
  }
}

/**
 * @param {number} id
 * @param {(message: JanusMessage) => Promise<JanusMessage>} request sends on the handle's session
 */
export function createHandle(id, request) {
  let seq = 0;

  /** @param {Record<string, unknown>} body @param {Jsep} [jsep] */
  async function send(body, jsep) {
    const reply = await request({ janus: 'message', handle_id: id, body, ...(jsep && { jsep }) });
    const data = reply.plugindata?.data ?? {};
    if (typeof data.error_code === 'number') {
      throw new PluginError(data.error_code, String(data.error), data.field ? String(data.field) : '');
    }
    return { data, jsep: reply.jsep };
  }

  return {
    id,
    /**
     * @param {Record<string, unknown>} body
     * @param {Jsep} [jsep]
     * @returns {Promise<{data: Record<string, unknown>, jsep?: Jsep}>}
     */
    message: (body, jsep) => send({ ...body, seq: ++seq }, jsep),
    /**
     * The first request after events or requests may have been lost; not numbered, because nobody knows which numbers arrived.
     * @param {Record<string, unknown>} body
     */
    async sync(body) {
      const reply = await send(body);
      seq = Number(reply.data.next_seq) - 1;
      return reply;
    },
    /** The handle ends, and so does what the plugin had for it. */
    detach: () => request({ janus: 'detach', handle_id: id }),
    /**
     * @param {RTCIceCandidate | null} candidate null: there are no more
     * @returns {Promise<JanusMessage>}
     */
    trickle(candidate) {
      return request({
        janus: 'trickle',
        handle_id: id,
        candidate: candidate ? candidate.toJSON() : { completed: true },
      });
    },
  };
}

/** @typedef {ReturnType<typeof createHandle>} Handle */
