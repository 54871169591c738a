// SPDX-License-Identifier: GPL-3.0-only
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { stripRtx } from '../../html/js/room/sdp.js';

/** As the core sends it: it adds RTX by itself to what the plugin offers. */
const OFFER = [
  'v=0',
  'o=- 1700000000000001 1 IN IP4 192.0.2.1',
  's=Buzz',
  't=0 0',
  'a=group:BUNDLE a0 v0 v1',
  'a=msid-semantic: WMS *',
  'm=audio 9 UDP/TLS/RTP/SAVPF 111',
  'c=IN IP4 192.0.2.1',
  'a=sendonly',
  'a=mid:a0',
  'a=rtpmap:111 opus/48000/2',
  'a=fmtp:111 minptime=10;useinbandfec=1',
  'a=ssrc:1000 cname:buzz',
  'm=video 9 UDP/TLS/RTP/SAVPF 96 98 102 45 97 99 103 46',
  'c=IN IP4 192.0.2.1',
  'a=sendonly',
  'a=mid:v0',
  'a=rtpmap:96 VP8/90000',
  'a=rtcp-fb:96 nack',
  'a=rtcp-fb:96 transport-cc',
  'a=rtpmap:98 VP9/90000',
  'a=fmtp:98 profile-id=0',
  'a=rtpmap:97 rtx/90000',
  'a=fmtp:97 apt=96',
  'a=rtcp-fb:97 transport-cc',
  'a=rtpmap:99 RTX/90000',
  'a=fmtp:99 apt=98',
  'a=rtpmap:103 rtx/90000',
  'a=fmtp:103 apt=102',
  'a=rtpmap:46 rtx/90000',
  'a=fmtp:46 apt=45',
  'a=ssrc-group:FID 2000 2001',
  'a=msid:buzz v0',
  'a=ssrc:2000 cname:buzz',
  'a=ssrc:2000 msid:buzz v0',
  'a=ssrc:2001 cname:buzz',
  'a=ssrc:2001 msid:buzz v0',
  'a=candidate:1 1 udp 2015363327 192.0.2.1 20000 typ host',
  'm=video 9 UDP/TLS/RTP/SAVPF 96 97',
  'a=mid:v1',
  'a=rtpmap:96 VP8/90000',
  'a=rtpmap:97 rtx/90000',
  'a=fmtp:97 apt=96',
  '',
].join('\r\n');

const STRIPPED = [
  'v=0',
  'o=- 1700000000000001 1 IN IP4 192.0.2.1',
  's=Buzz',
  't=0 0',
  'a=group:BUNDLE a0 v0 v1',
  'a=msid-semantic: WMS *',
  'm=audio 9 UDP/TLS/RTP/SAVPF 111',
  'c=IN IP4 192.0.2.1',
  'a=sendonly',
  'a=mid:a0',
  'a=rtpmap:111 opus/48000/2',
  'a=fmtp:111 minptime=10;useinbandfec=1',
  'a=ssrc:1000 cname:buzz',
  'm=video 9 UDP/TLS/RTP/SAVPF 96 98 102 45',
  'c=IN IP4 192.0.2.1',
  'a=sendonly',
  'a=mid:v0',
  'a=rtpmap:96 VP8/90000',
  'a=rtcp-fb:96 nack',
  'a=rtcp-fb:96 transport-cc',
  'a=rtpmap:98 VP9/90000',
  'a=fmtp:98 profile-id=0',
  'a=msid:buzz v0',
  'a=ssrc:2000 cname:buzz',
  'a=ssrc:2000 msid:buzz v0',
  'a=candidate:1 1 udp 2015363327 192.0.2.1 20000 typ host',
  'm=video 9 UDP/TLS/RTP/SAVPF 96',
  'a=mid:v1',
  'a=rtpmap:96 VP8/90000',
  '',
].join('\r\n');

test('RTX goes: payload types, their lines, the group and the second SSRC', () => {
  assert.equal(stripRtx(OFFER), STRIPPED);
});

test('what has no RTX stays as it is', () => {
  assert.equal(stripRtx(STRIPPED), STRIPPED);
});

test('lines that end in LF only', () => {
  assert.equal(stripRtx(OFFER.replaceAll('\r\n', '\n')), STRIPPED);
});

test('a payload type is RTX in its own m-line only', () => {
  const sdp = 'v=0\r\nm=video 9 X 97 96\r\na=rtpmap:97 rtx/90000\r\nm=audio 9 X 97\r\na=rtpmap:97 opus/48000/2\r\n';
  assert.equal(stripRtx(sdp), 'v=0\r\nm=video 9 X 96\r\nm=audio 9 X 97\r\na=rtpmap:97 opus/48000/2\r\n');
});
