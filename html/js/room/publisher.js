// SPDX-License-Identifier: GPL-3.0-only
// PUB: the connection on which only this page offers. It is given the complete list of streams to publish and
// brings the m-lines and the server in line with it, one offer at a time; changes that come meanwhile are
// folded into the next one, and what failed for the moment is tried again.

/** @typedef {import('../types').Outgoing} Outgoing */
/** @typedef {import('../types').Jsep} Jsep */
/** @typedef {{transceiver: RTCRtpTransceiver, kind: string, stream: string | null}} Line */
/** @typedef {{stream: string, kind: string, mid: string | null, muted: boolean, title?: string, of?: string}} Described */
/** @typedef {(streams: Described[], offer: Jsep | undefined) => Promise<Jsep | undefined>} Exchange */

/** Three layers of a 720p camera, highest first (docs/protocol.md, section 5). Bits per second. */
const CAMERA_ENCODINGS = [
  { rid: 'h', maxBitrate: 1_200_000 },
  { rid: 'm', maxBitrate: 400_000, scaleResolutionDownBy: 2 },
  { rid: 'l', maxBitrate: 130_000, scaleResolutionDownBy: 4 },
];
const SCREEN_ENCODINGS = [{ maxBitrate: 2_500_000 }];

/** Failures after which a list counts as refused. */
const MOST_TRIES = 5;

/** @param {string} kind */
const isVideo = (kind) => kind === 'camera' || kind === 'screen';

/**
 * @param {string} kind
 * @param {string} codec the preferred one, or empty
 * @returns {RTCRtpEncodingParameters[]}
 */
function encodingsFor(kind, codec) {
  if (kind === 'screen') return SCREEN_ENCODINGS;
  if (kind !== 'camera') return [];
  // left alone, Chromium would send VP9 and AV1 as spatial layers of one stream instead of simulcast
  const scalability = codec === 'vp9' || codec === 'av1' ? { scalabilityMode: 'L1T1' } : {};
  return CAMERA_ENCODINGS.map((encoding) => ({ ...encoding, ...scalability }));
}

/**
 * @param {RTCRtpTransceiver} transceiver
 * @param {string} codec
 */
function preferCodec(transceiver, codec) {
  const codecs = RTCRtpReceiver.getCapabilities('video')?.codecs ?? [];
  /** @param {{mimeType: string}} entry */
  const preferred = (entry) => entry.mimeType.toLowerCase() === `video/${codec}`;
  transceiver.setCodecPreferences([...codecs.filter(preferred), ...codecs.filter((entry) => !preferred(entry))]);
}

/**
 * The layers of a camera as the codec needs them, before it is offered.
 * @param {RTCRtpSender} sender
 * @param {string} codec
 */
async function adaptEncodings(sender, codec) {
  const parameters = sender.getParameters();
  if (parameters.encodings.length < 2 || (codec !== 'vp9' && codec !== 'av1')) return;
  for (const encoding of parameters.encodings) Object.assign(encoding, { scalabilityMode: 'L1T1' });
  await sender.setParameters(parameters);
}

/** @param {number} ms @returns {Promise<void>} */
const sleep = (ms) =>
  new Promise((resolve) => {
    setTimeout(resolve, ms);
  });

/**
 * @param {string} sdp an offer
 * @returns {string[]} the mids of its audio and video m-lines, which are in the order the transceivers were made
 */
function mediaMids(sdp) {
  const sections = sdp.split(/^(?=m=)/m).filter((section) => /^m=(?:audio|video) /.test(section));
  return sections.map((section) => /^a=mid:(\S+)/m.exec(section)?.[1] ?? '');
}

/**
 * @param {object} options
 * @param {RTCPeerConnection} options.connection used by nobody else
 * @param {Exchange} options.exchange tells the server the list, with an offer when m-lines changed; gives its answer
 * @param {string} [options.codec] video codec to prefer
 * @param {(error: Error) => boolean} [options.mayPass] whether what failed may succeed when it is tried again
 * @param {(attempt: number) => number} [options.delay] ms to wait before that
 */
export function createPublisher({ connection, exchange, codec = '', mayPass = () => false, delay = () => 0 }) {
  /** @type {Line[]} in order of creation; lines are kept and used again, never removed */
  const lines = [];
  /** @type {Outgoing[]} */
  let wanted = [];
  let revision = 0;
  let settled = 0;
  /** @type {Promise<void> | null} */
  let running = null;
  /** The list the server has; null before the first exchange. @type {Described[] | null} */
  let announced = null;
  let needsOffer = false;
  /** The next offer has new ICE credentials. */
  let restarting = false;
  let hasChannel = false;
  let offers = 0;

  /** @param {Outgoing} outgoing */
  function addLine(outgoing) {
    const video = isVideo(outgoing.kind);
    const transceiver = connection.addTransceiver(outgoing.track ?? (video ? 'video' : 'audio'), {
      direction: 'sendonly',
      sendEncodings: encodingsFor(outgoing.kind, codec),
    });
    if (video && codec) preferCodec(transceiver, codec);
    /** @type {Line} */
    const line = { transceiver, kind: outgoing.kind, stream: outgoing.stream };
    lines.push(line);
    return line;
  }

  /**
   * Gives every stream a line and every line its track.
   * @param {Outgoing[]} streams
   */
  async function assign(streams) {
    for (const line of lines) {
      if (line.stream === null || streams.some(({ stream }) => stream === line.stream)) continue;
      line.stream = null;
      line.transceiver.direction = 'inactive';
      needsOffer = true;
      await line.transceiver.sender.replaceTrack(null);
    }
    for (const outgoing of streams) {
      let line = lines.find(({ stream }) => stream === outgoing.stream);
      if (!line) {
        line = lines.find(({ kind, stream }) => stream === null && kind === outgoing.kind) ?? addLine(outgoing);
        line.stream = outgoing.stream;
        line.transceiver.direction = 'sendonly';
        needsOffer = true;
      }
      const { sender } = line.transceiver;
      if (sender.track !== outgoing.track) await sender.replaceTrack(outgoing.track);
    }
  }

  /**
   * The list as the server wants it.
   * @param {Outgoing[]} streams
   * @param {string} [unset] the offer, while it is not set and has not given the transceivers their mids
   * @returns {Described[]}
   */
  function describe(streams, unset) {
    const mids = unset ? mediaMids(unset) : lines.map(({ transceiver }) => transceiver.mid);
    return streams.map(({ stream, kind, muted, title, of }) => ({
      stream,
      kind,
      mid: mids[lines.findIndex((line) => line.stream === stream)],
      muted,
      ...(title && { title }),
      ...(of && { of }),
    }));
  }

  /**
   * An offer with which candidates are gathered is set only when the server has answered, for setting it is what starts the
   * gathering: with the answer to `join` come the servers for ICE, and Janus forgets candidates of a restart that come before it has
   * read the offer, which other threads do.
   * @param {boolean} later
   * @returns {Promise<Jsep>}
   */
  async function makeOffer(later) {
    if (!later) await connection.setLocalDescription();
    const { type, sdp } = /** @type {Jsep} */ (later ? await connection.createOffer() : connection.localDescription);
    return { type, sdp };
  }

  /** @param {Jsep} offer @param {Jsep | undefined} answer */
  async function agree(offer, answer) {
    if (connection.signalingState === 'stable') await connection.setLocalDescription(offer);
    if (answer) await connection.setRemoteDescription(answer);
  }

  /**
   * Tells the server, again and again while what fails may pass. The offer stays the same: Janus may have taken it although the
   * answer says no, and it keeps the mids it saw first.
   * @type {Exchange}
   */
  async function insist(described, offer) {
    for (let failures = 1; ; failures += 1) {
      try {
        return await exchange(described, offer);
      } catch (error) {
        const over = failures >= MOST_TRIES || connection.signalingState === 'closed';
        if (over || !mayPass(/** @type {Error} */ (error))) throw error;
        await sleep(delay(failures));
      }
    }
  }

  /**
   * The list was refused; the m-lines of its offer are agreed on all the same, with what is left of the former list.
   * @param {Jsep} offer
   */
  async function takeBack(offer) {
    const kept = (announced ?? []).filter(({ stream }) => lines.some((line) => line.stream === stream));
    const former = kept.filter(({ of }) => !of || kept.some(({ stream }) => stream === of));
    try {
      if (!announced) throw new Error('there is none');
      await agree(offer, await exchange(former, offer));
      announced = former;
    } catch {
      if (connection.signalingState === 'have-local-offer') await connection.setLocalDescription({ type: 'rollback' });
    }
  }

  /** @param {Outgoing[]} streams */
  async function step(streams) {
    await assign(streams);
    const later = announced === null || restarting;
    const offering = needsOffer;
    needsOffer = false; // whatever asks for one from now on means the next
    restarting = false;
    /** @type {Jsep | undefined} */
    let offer;
    try {
      offer = offering ? await makeOffer(later) : undefined;
      const described = describe(streams, later ? offer?.sdp : undefined);
      if (!offer && JSON.stringify(described) === JSON.stringify(announced)) return;
      if (offer) offers += 1;
      const answer = await insist(described, offer);
      if (offer) await agree(offer, answer);
      announced = described;
    } catch (error) {
      needsOffer ||= offering;
      if (offer) await takeBack(offer);
      throw error;
    }
  }

  async function run() {
    await Promise.resolve(); // lets the rest of a burst come in
    while (settled !== revision) {
      const target = revision;
      try {
        await step(wanted);
        settled = target;
      } catch (error) {
        settled = target;
        // when another list is wanted by now, that counts
        if (connection.signalingState === 'closed' || settled === revision) throw error;
      }
    }
  }

  /** Works until nothing is left to be done. @returns {Promise<void>} */
  function work() {
    revision += 1;
    running ??= run().finally(() => {
      running = null;
    });
    return running;
  }

  return {
    /**
     * @param {Outgoing[]} streams everything to be published from now on
     * @returns {Promise<void>} settles when the server has this list or a later one, or refused it
     */
    set(streams) {
      wanted = streams;
      return work();
    },
    /**
     * Adds a data channel, with an offer where the connection has had none before.
     * @param {string} label
     * @returns {RTCDataChannel}
     */
    openChannel(label) {
      const channel = connection.createDataChannel(label);
      needsOffer ||= !hasChannel;
      hasChannel = true;
      work().catch(() => channel.close());
      return channel;
    },
    /** Offers with new ICE credentials, to find another path. @returns {Promise<void>} as `set` */
    restart() {
      connection.restartIce();
      needsOffer = true;
      restarting = true;
      return work();
    },
    /**
     * @param {string} preferred video codec; empty: what the browser prefers
     * @returns {Promise<void>} as `set`
     */
    async setCodec(preferred) {
      if (preferred === codec) return;
      codec = preferred;
      for (const { transceiver, kind } of lines) {
        if (!isVideo(kind)) continue;
        preferCodec(transceiver, codec);
        await adaptEncodings(transceiver.sender, codec);
      }
      needsOffer ||= lines.some(({ kind }) => isVideo(kind));
      await work();
    },
    /** @param {string} mid @returns {string} the stream on this m-line, or empty */
    streamOf: (mid) => lines.find(({ transceiver }) => transceiver.mid === mid)?.stream ?? '',
    /** Offers sent so far. */
    offers: () => offers,
    /**
     * @param {string} stream
     * @returns {RTCRtpSender | undefined}
     */
    sender: (stream) => lines.find((line) => line.stream === stream)?.transceiver.sender,
  };
}
