// SPDX-License-Identifier: GPL-3.0-only
// Takes RTX out of a session description. Without it a retransmission keeps its sequence number, so the server
// can match transport-cc feedback to packets one to one and estimate our downlink (docs/protocol.md, `rtx`).

/**
 * @param {string} section from `m=` to the next
 * @returns {string}
 */
function stripSection(section) {
  const rtx = new Set([...section.matchAll(/^a=rtpmap:(\d+) rtx\//gim)].map((match) => match[1]));
  // RFC 5576: the first SSRC of an FID group is the stream, the others repair it
  const repairs = new Set(
    [...section.matchAll(/^a=ssrc-group:FID (.*)$/gm)].flatMap((match) => match[1].trim().split(/\s+/).slice(1)),
  );
  return section
    .split('\r\n')
    .filter((line) => {
      const payload = /^a=(?:rtpmap|fmtp|rtcp-fb):(\d+)[ /]/.exec(line);
      if (payload && rtx.has(payload[1])) return false;
      const ssrc = /^a=ssrc:(\d+) /.exec(line);
      if (ssrc && repairs.has(ssrc[1])) return false;
      return !line.startsWith('a=ssrc-group:FID');
    })
    .map((line) => {
      if (!line.startsWith('m=')) return line;
      const [media, port, protocol, ...formats] = line.split(' ');
      return [media, port, protocol, ...formats.filter((format) => !rtx.has(format))].join(' ');
    })
    .join('\r\n');
}

/**
 * @param {string} sdp lines end in CRLF or LF
 * @returns {string} with CRLF
 */
export function stripRtx(sdp) {
  return sdp
    .replace(/\r?\n/g, '\r\n')
    .split(/(?=^m=)/m)
    .map((part) => (part.startsWith('m=') ? stripSection(part) : part))
    .join('');
}
