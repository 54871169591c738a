// SPDX-License-Identifier: GPL-3.0-only
// Session descriptions without a browser: offers for PUB as Chromium writes them, answers for SUB. ICE and DTLS
// parameters have the right form and lead nowhere, so no media ever flows.

import { randomBytes } from 'node:crypto';

/** Payload type, rtpmap and fmtp, in Chromium's order. RTX follows its codec. */
const VIDEO = {
  vp8: { pt: 96, name: 'VP8' },
  vp9: { pt: 98, name: 'VP9', fmtp: 'profile-id=0' },
  h264: { pt: 102, name: 'H264', fmtp: 'level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f' },
  av1: { pt: 45, name: 'AV1', fmtp: 'level-idx=5;profile=0;tier=0' },
};
const AUDIO = [
  'rtpmap:111 opus/48000/2', 'rtcp-fb:111 transport-cc', 'fmtp:111 minptime=10;useinbandfec=1',
  'rtpmap:63 red/48000/2', 'fmtp:63 111/111', 'rtpmap:9 G722/8000', 'rtpmap:0 PCMU/8000', 'rtpmap:8 PCMA/8000',
];
const EXTENSIONS = {
  audio: [
    'extmap:1 urn:ietf:params:rtp-hdrext:ssrc-audio-level',
    'extmap:3 http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01',
    'extmap:4 urn:ietf:params:rtp-hdrext:sdes:mid',
  ],
  video: [
    'extmap:3 http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01',
    'extmap:4 urn:ietf:params:rtp-hdrext:sdes:mid',
    'extmap:10 urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id',
    'extmap:11 urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id',
    'extmap:13 urn:3gpp:video-orientation',
  ],
};
const FEEDBACK = ['goog-remb', 'transport-cc', 'ccm fir', 'nack', 'nack pli'];

/** @returns {'audio' | 'video'} */
export function mediaOf(kind) {
  return kind === 'microphone' || kind === 'screen_audio' ? 'audio' : 'video';
}

/** ICE and DTLS parameters of one end of one connection. */
export function newTransport() {
  return {
    ufrag: randomBytes(3).toString('hex'),
    password: randomBytes(12).toString('hex'),
    fingerprint: randomBytes(32).toString('hex').toUpperCase().match(/../g).join(':'),
  };
}

function transportLines({ ufrag, password, fingerprint }, setup) {
  return [
    'c=IN IP4 0.0.0.0', 'a=rtcp:9 IN IP4 0.0.0.0', `a=ice-ufrag:${ufrag}`, `a=ice-pwd:${password}`,
    'a=ice-options:trickle', `a=fingerprint:sha-256 ${fingerprint}`, `a=setup:${setup}`,
  ];
}

function videoCodecLines(codecs) {
  const payloads = [];
  const lines = [];
  for (const { pt, name, fmtp } of codecs.map((codec) => VIDEO[codec])) {
    payloads.push(pt, pt + 1);
    lines.push(`rtpmap:${pt} ${name}/90000`, ...FEEDBACK.map((feedback) => `rtcp-fb:${pt} ${feedback}`));
    if (fmtp) lines.push(`fmtp:${pt} ${fmtp}`);
    lines.push(`rtpmap:${pt + 1} rtx/90000`, `fmtp:${pt + 1} apt=${pt}`);
  }
  return { payloads, lines };
}

function offerSection({ mid, kind, active }, transport, codecs) {
  const media = mediaOf(kind);
  const { payloads, lines } = media === 'video' ? videoCodecLines(codecs) : { payloads: [111, 63, 9, 0, 8], lines: AUDIO };
  const attributes = [`mid:${mid}`, ...EXTENSIONS[media], active ? 'sendonly' : 'inactive'];
  if (active) attributes.push(`msid:- ${kind}-${mid}`);
  attributes.push('rtcp-mux', 'rtcp-rsize', ...lines);
  if (kind === 'camera') {
    attributes.push('rid:h send', 'rid:m send', 'rid:l send', 'simulcast:send h;m;l');
  } else if (active) {
    const ssrc = 1000 * (1 + Number.parseInt(mid, 36));
    attributes.push(`ssrc:${ssrc} cname:buzz-test`, `ssrc:${ssrc} msid:- ${kind}-${mid}`);
  }
  return [
    `m=${media} 9 UDP/TLS/RTP/SAVPF ${payloads.join(' ')}`, ...transportLines(transport, 'actpass'),
    ...attributes.map((attribute) => `a=${attribute}`),
  ];
}

function description(type, version, mids, sections) {
  const head = [
    'v=0', `o=- 4611686018427387904 ${version} IN IP4 127.0.0.1`, 's=-', 't=0 0', `a=group:BUNDLE ${mids.join(' ')}`,
    'a=msid-semantic: WMS',
  ];
  return { type, sdp: `${[...head, ...sections.flat()].join('\r\n')}\r\n` };
}

/** The publishing connection of a client: m-lines are added, never removed, and go inactive when their stream ends. */
export class PublisherModel {
  /** @param {string[]} [codecs] of video, the preferred one first */
  constructor(codecs = ['vp8', 'vp9', 'h264', 'av1']) {
    this.codecs = codecs;
    this.transport = newTransport();
    this.version = 0;
    /** @type {Map<string, {mid: string, kind: string, active: boolean}>} */
    this.lines = new Map();
  }

  /** The next offer, for this complete list of streams. */
  offer(streams) {
    for (const line of this.lines.values()) line.active = false;
    for (const { mid, kind } of streams) this.lines.set(mid, { mid, kind, active: true });
    const sections = [...this.lines.values()].map((line) => offerSection(line, this.transport, this.codecs));
    return description('offer', ++this.version, [...this.lines.keys()], sections);
  }
}

/**
 * The m-lines of a description.
 * @returns {{media: string, port: number, payloads: string[], mid: string, direction: string, simulcast: boolean,
 *   lines: string[]}[]}
 */
export function sections(sdp) {
  return sdp.split(/^(?=m=)/m).slice(1).map((text) => {
    const lines = text.split(/\r?\n/).filter(Boolean);
    const [media, port, , ...payloads] = lines[0].slice(2).split(' ');
    const attribute = (name) => lines.find((line) => line.startsWith(`a=${name}:`))?.slice(name.length + 3);
    const direction = ['sendrecv', 'sendonly', 'recvonly', 'inactive'].find((one) => lines.includes(`a=${one}`));
    const simulcast = attribute('simulcast') !== undefined;
    return {
      media, port: Number(port), payloads, mid: attribute('mid'), direction: direction ?? 'sendrecv', simulcast, lines,
    };
  });
}

/** The m-lines in words, such as "8 audio, 8 video, sendonly"; simulcast is named where it is offered. */
export function inWords(sdp) {
  const all = sections(sdp);
  const count = (media) => all.filter((one) => one.media === media).length;
  const words = ['audio', 'video'].filter(count).map((media) => `${count(media)} ${media}`);
  const simulcast = all.filter((one) => one.simulcast).length;
  if (simulcast) words.push(`${simulcast} simulcast`);
  return [...words, ...new Set(all.map((one) => one.direction))].join(', ');
}

/** The answer of a client to an offer on SUB: it takes every m-line with every codec. Another transport restarts ICE. */
export function makeAnswer(offer, transport = newTransport()) {
  const offered = sections(offer);
  const kept = /^a=(mid|extmap|rtpmap|fmtp|rtcp-fb):/;
  const answered = offered.map(({ media, payloads, lines }) => [
    `m=${media} 9 UDP/TLS/RTP/SAVPF ${payloads.join(' ')}`, ...transportLines(transport, 'active'),
    ...lines.filter((line) => kept.test(line)), 'a=recvonly', 'a=rtcp-mux', 'a=rtcp-rsize',
  ]);
  return description('answer', 1, offered.map((one) => one.mid), answered);
}
