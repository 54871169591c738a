// SPDX-License-Identifier: GPL-3.0-only
// Which of the codecs Buzz forwards this browser can decode.

const VIDEO = ['vp8', 'vp9', 'h264', 'av1'];

/** @returns {string[]} by their names in docs/protocol.md */
export function decodableCodecs() {
  const known = new Set(
    (RTCRtpReceiver.getCapabilities('video')?.codecs ?? []).map(({ mimeType }) => mimeType.toLowerCase()),
  );
  return ['opus', ...VIDEO.filter((codec) => known.has(`video/${codec}`))];
}
