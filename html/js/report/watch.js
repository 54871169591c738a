// SPDX-License-Identifier: GPL-3.0-only
// Writes into the log what a connection, the call and the person do. It only listens: nothing here changes the call.
import { redact } from './redact.js';

/** @typedef {import('../types').Log} Log */

/**
 * Every step of ICE and negotiation.
 * @param {RTCPeerConnection} connection
 * @param {string} which its name
 * @param {Log} log
 * @param {import('./descriptions').Descriptions} [descriptions]
 */
export function watchConnection(connection, which, log, descriptions) {
  /** @type {Record<string, string>} */
  const seen = { local: '', remote: '' };
  /** @param {string} kind @param {string} text @param {import('../types').Level} [level] */
  const note = (kind, text, level = 'info') => log.add({ kind, connection: which, text, level });

  connection.addEventListener('signalingstatechange', () => {
    for (const side of /** @type {const} */ (['local', 'remote'])) {
      const description = side === 'local' ? connection.localDescription : connection.remoteDescription;
      if (!description || description.sdp === seen[side]) continue;
      seen[side] = description.sdp;
      note('sdp', `${side} ${description.type} set, ${description.sdp.split(/^m=/m).length - 1} m-lines`);
      descriptions?.add(which, side, description);
    }
    note('sdp', `negotiation ${connection.signalingState}`, 'debug');
  });
  connection.addEventListener('icegatheringstatechange', () => note('ice', `gathering ${connection.iceGatheringState}`, 'debug'));
  connection.addEventListener('iceconnectionstatechange', () => note('ice', `ICE ${connection.iceConnectionState}`));
  connection.addEventListener('icecandidate', ({ candidate }) => {
    if (candidate) note('ice', `own candidate: ${redact(candidate.candidate)}`, 'debug');
  });
  connection.addEventListener('icecandidateerror', (event) => {
    note('ice', `candidate error ${event.errorCode} ${event.errorText}`, 'warn');
  });
  connection.addEventListener('track', ({ transceiver, track }) => {
    note('media', `slot ${transceiver.mid} has its ${track.kind} track`, 'debug');
  });
}

/**
 * What changes in the room: phases, streams, and which stream each slot shows.
 * @param {import('../room/call').Call} call
 * @param {Log} log
 */
export function watchCall(call, log) {
  call.watch((state, event, before) => {
    if (state.phase !== before.phase) log.add({ kind: 'room', text: `phase ${before.phase} → ${state.phase}` });
    if (event.type === 'slots') watchSlots(state.slots, before.slots, log);
    for (const { id, streams } of listsIn(event)) watchStreams(id, streams, before.participants.get(id)?.streams ?? [], log);
  });
}

/**
 * @param {import('../types').RoomEvent | {type: 'tracks'}} event
 * @returns {{id: string, streams: import('../types').Stream[]}[]} whose lists of streams it tells
 */
function listsIn(event) {
  if (event.type === 'welcome') return event.participants;
  if (event.type === 'joined') return [event.participant];
  return event.type === 'streams' ? [{ id: event.participant, streams: event.streams }] : [];
}

/**
 * @param {string} participant
 * @param {import('../types').Stream[]} streams
 * @param {import('../types').Stream[]} before
 * @param {Log} log
 */
function watchStreams(participant, streams, before, log) {
  const old = new Map(before.map((one) => [one.stream, one]));
  for (const { stream, kind, muted } of streams) {
    const known = old.get(stream);
    if (known?.muted === muted) continue;
    const text = known ? `${kind} ${muted ? 'off' : 'on'}` : `${kind} started`;
    log.add({ kind: 'streams', participant, stream, text });
  }
  for (const [stream, { kind }] of old) {
    if (streams.some((one) => one.stream === stream)) continue;
    log.add({ kind: 'streams', participant, stream, text: `${kind} ended` });
  }
}

/** @param {Map<string, import('../types').Slot>} slots @param {Map<string, import('../types').Slot>} before @param {Log} log */
function watchSlots(slots, before, log) {
  for (const [key, { connection, mid, participant, stream }] of slots) {
    const old = before.get(key);
    if (old?.participant === participant && old.stream === stream) continue;
    log.add({ kind: 'slots', connection, participant, stream, text: `slot ${mid} shows it` });
  }
  for (const [key, { connection, mid, participant, stream }] of before) {
    if (slots.has(key)) continue;
    log.add({ kind: 'slots', connection, participant, stream, text: `slot ${mid} is empty` });
  }
}

/**
 * What the person does and what goes wrong on the page. Never what is typed.
 * @param {Document} page
 * @param {Log} log
 */
export function watchPage(page, log) {
  /** @param {Event} event */
  const note = (event) => {
    const target = /** @type {Element} */ (event.target).closest?.('button, a, select, summary, input');
    if (target) log.add({ kind: 'ui', text: `${event.type} ${target.id || target.getAttribute('aria-label') || target.tagName.toLowerCase()}` });
  };
  page.addEventListener('click', note, true);
  page.addEventListener('change', note, true);
  page.addEventListener('visibilitychange', () => log.add({ kind: 'ui', text: `page ${page.visibilityState}` }));
  addEventListener('error', ({ message, filename, lineno }) => {
    log.add({ level: 'error', kind: 'page', text: redact(`${message} (${filename}:${lineno})`) });
  });
  addEventListener('unhandledrejection', ({ reason }) => log.add({ level: 'error', kind: 'page', text: redact(String(reason)) }));
  for (const event of ['online', 'offline']) addEventListener(event, () => log.add({ level: 'warn', kind: 'page', text: event }));
}

/**
 * A message of the Janus API in words; nothing secret.
 * @param {import('../types').JanusMessage} message
 */
function describeMessage(message) {
  const body = /** @type {any} */ (message.body);
  const data = message.plugindata?.data;
  const words = [message.janus, body?.request, data?.buzz, message.jsep?.type, message.error && `${message.error.code} ${message.error.reason}`];
  return words.filter(Boolean).join(' ');
}

/**
 * For the socket: every message that passes.
 * @param {Log} log
 * @param {(handle: number) => string} connectionOf the name of a handle's connection, or empty
 * @returns {(direction: 'sent' | 'received', message: import('../types').JanusMessage) => void}
 */
export function createTrace(log, connectionOf) {
  return (direction, message) => {
    // a report would mostly tell of its own collection
    if (['log', 'read_report', 'clock'].includes(/** @type {any} */ (message.body)?.request)) return;
    if (['logged', 'report_part', 'clock'].includes(String(message.plugindata?.data.buzz))) return;
    if (message.janus === 'ack' || message.janus === 'keepalive') return;
    const connection = connectionOf(message.handle_id ?? message.sender ?? 0);
    log.add({ level: 'debug', kind: 'signalling', connection, text: `${direction}: ${describeMessage(message)}` });
  };
}
