// SPDX-License-Identifier: GPL-3.0-only
// Stand-ins for what only a browser has. They keep the rules of the real ones that the client relies on.

/** A sender and receiver pair; gets its mid when an offer is set, as in a browser. */
class FakeTransceiver {
  mid = null;

  constructor(kind, init) {
    this.kind = kind;
    this.direction = init.direction;
    this.encodings = init.sendEncodings;
    this.sender = {
      track: null,
      replaceTrack: async (track) => {
        this.sender.track = track;
      },
      getParameters: () => ({ encodings: (this.encodings ?? []).map((encoding) => ({ ...encoding })) }),
      setParameters: async ({ encodings }) => {
        this.encodings = encodings;
      },
    };
    this.codecs = [];
    this.receiver = { track: { id: `remote-${kind}` } };
  }

  setCodecPreferences(codecs) {
    this.codecs = codecs;
  }
}

/** An RTCDataChannel whose other end is the test. */
export class FakeChannel extends EventTarget {
  readyState = 'connecting';
  bufferedAmount = 0;
  /** Parsed messages. */
  sent = [];

  constructor(label) {
    super();
    this.label = label;
  }

  open() {
    this.readyState = 'open';
    this.dispatchEvent(new Event('open'));
  }

  send(text) {
    if (this.readyState !== 'open') throw new Error('not open');
    this.sent.push(JSON.parse(text));
  }

  /** @param {object | Uint8Array} message what the server says; bytes are sent as they are */
  receive(message) {
    const data = message instanceof Uint8Array ? message : JSON.stringify(message);
    this.dispatchEvent(new MessageEvent('message', { data }));
  }

  close() {
    this.readyState = 'closed';
    this.dispatchEvent(new Event('close'));
  }
}

/** Refuses what RTCPeerConnection refuses: an answer nobody asked for, two offers at once. */
export class FakeConnection {
  signalingState = 'stable';
  localDescription = null;
  transceivers = [];
  channels = [];
  /** What was done to it, in order. */
  calls = [];
  /** Resolvers of setRemoteDescription, when a test wants to hold it. */
  held = null;

  addTransceiver(trackOrKind, init) {
    const isKind = typeof trackOrKind === 'string';
    const transceiver = new FakeTransceiver(isKind ? trackOrKind : trackOrKind.kind, init);
    if (!isKind) transceiver.sender.track = trackOrKind;
    this.transceivers.push(transceiver);
    return transceiver;
  }

  restartIce() {
    this.restarts = (this.restarts ?? 0) + 1;
  }

  getTransceivers() {
    return this.transceivers;
  }

  async setLocalDescription(description) {
    await null;
    if (description?.type === 'rollback') {
      this.calls.push('rollback');
      this.signalingState = 'stable';
      return;
    }
    if (this.signalingState === 'have-remote-offer') {
      this.calls.push('local answer');
      this.localDescription = { type: 'answer', sdp: `answer to ${this.remoteSdp}` };
      this.signalingState = 'stable';
      return;
    }
    if (this.signalingState !== 'stable') throw new Error(`offer in ${this.signalingState}`);
    this.calls.push('local offer');
    this.transceivers.forEach((transceiver, index) => {
      transceiver.mid ??= String(index);
    });
    this.localDescription = description ?? { type: 'offer', sdp: this.#offerText() };
    this.signalingState = 'have-local-offer';
  }

  /** As in a browser, transceivers get their mids when the offer is set, not before. */
  #offerText() {
    const lines = this.transceivers.map(({ kind, mid, direction }, index) => `m=${kind} 9\r\na=mid:${mid ?? index}\r\na=${direction}\r\n`);
    if (this.channels.length > 0) lines.push('m=application 9\r\na=mid:data\r\n');
    return `v=0\r\n${lines.join('')}`;
  }

  async createOffer() {
    await null;
    this.calls.push('offer made');
    return { type: 'offer', sdp: this.#offerText() };
  }

  createDataChannel(label) {
    const channel = new FakeChannel(label);
    this.channels.push(channel);
    return channel;
  }

  async setRemoteDescription({ type, sdp }) {
    if (this.held) await new Promise((resolve) => this.held.push(resolve));
    else await null;
    if (type === 'answer' && this.signalingState !== 'have-local-offer') throw new Error('an answer nobody asked for');
    if (type === 'offer' && this.signalingState === 'have-local-offer') throw new Error('glare');
    this.calls.push(`remote ${type}`);
    this.remoteSdp = sdp;
    this.signalingState = type === 'offer' ? 'have-remote-offer' : 'stable';
  }
}

/** A WebSocket whose other end is the test. */
export class FakeWebSocket extends EventTarget {
  /** All that were made. @type {FakeWebSocket[]} */
  static made = [];
  /** Parsed messages the client sent. */
  sent = [];
  closed = false;

  constructor(url, protocol) {
    super();
    this.url = url;
    this.protocol = protocol;
    FakeWebSocket.made.push(this);
  }

  open() {
    this.dispatchEvent(new Event('open'));
  }

  send(text) {
    this.sent.push(JSON.parse(text));
  }

  /** @param {object} message what the server says */
  receive(message) {
    this.dispatchEvent(new MessageEvent('message', { data: JSON.stringify(message) }));
  }

  close() {
    if (this.closed) return;
    this.closed = true;
    queueMicrotask(() => this.dispatchEvent(new Event('close')));
  }
}

/** Lets everything that is ready run: several turns of the microtask queue and one of the event loop. */
export const settle = () =>
  new Promise((resolve) => {
    setImmediate(resolve);
  });

/** A MediaStreamTrack as far as anybody looks. */
export const track = (kind, id) => ({ kind, id });
