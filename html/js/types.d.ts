// SPDX-License-Identifier: GPL-3.0-only
// The shapes that pass between modules. What travels on the wire is in docs/protocol.md.

export type StreamKind = 'microphone' | 'camera' | 'screen' | 'screen_audio';

/** One published stream, as the server announces it. */
export interface Stream {
  stream: string;
  kind: StreamKind;
  mid: string;
  muted: boolean;
  title?: string;
  of?: string;
  codec?: string;
  simulcast?: boolean;
}

export interface Participant {
  id: string;
  display: string;
  interrupted: boolean;
  /** While interrupted. silent: nothing is heard of them. away: they lost the connection and may come back. */
  reason?: 'silent' | 'away';
  streams: Stream[];
}

/** Who one is in a room, with the secret that proves it. */
export interface Seat {
  id: string;
  seat: string;
}

/** Which stream a slot of a SUB carries at present, as the server says it. */
export interface AssignedSlot {
  mid: string;
  participant: string;
  stream: string;
}

export interface Slot extends AssignedSlot {
  /** Connection and mid: mids are unique within a connection only. */
  key: string;
  connection: string;
}

export interface StreamRef {
  participant: string;
  stream: string;
  codec?: string;
}

/** A stream that a SUB does not show. */
export interface UnshownStream extends StreamRef {
  connection: string;
}

/** What somebody in the room has said to others. */
export interface RelayedMessage {
  /** The sender, as the server knows them. */
  from: string;
  how: 'broadcast' | 'all' | 'direct';
  event: string;
  data: unknown;
}

export interface RoomKey {
  tenant: string;
  room: string;
}

/** A stream this page wants to publish; `track` is null while there is nothing to send. */
export interface Outgoing {
  stream: string;
  kind: StreamKind;
  track: MediaStreamTrack | null;
  muted: boolean;
  title?: string;
  of?: string;
}

/**
 * idle: never joined. joining: the first attempt. joined. rejoining: lost, and coming back by itself.
 * refused: the server said no for good. left: this person left, or was put out.
 */
export type Phase = 'idle' | 'joining' | 'joined' | 'rejoining' | 'refused' | 'left';

export interface Problem {
  code: number;
  text: string;
}

export interface RoomState {
  phase: Phase;
  /** Own participant id; empty until joined. */
  id: string;
  display: string;
  /** The others, in the order they joined. */
  participants: Map<string, Participant>;
  /** Slots in use, by their key. */
  slots: Map<string, Slot>;
  undecodable: UnshownStream[];
  waiting: UnshownStream[];
  /** RTCPeerConnection.connectionState by the connection's name: `pub`, and `sub` or `sub:<participant>`. */
  connections: Record<string, string>;
  /** The connections through which nothing comes although something should, whatever the browser calls them. */
  quiet: string[];
  /** Whether the server can be spoken to; media may flow all the same. */
  signalling: 'up' | 'down';
  /** Why the phase is refused, left or rejoining. */
  problem: Problem | null;
}

/** What the server says, and what the call notices itself: everything that changes a RoomState. */
export type RoomEvent =
  | { type: 'joining'; display: string }
  | { type: 'welcome'; id: string; seat: string; participants: Participant[] }
  | { type: 'joined'; participant: Participant }
  | { type: 'left'; participant: string; reason: string }
  | { type: 'streams'; participant: string; streams: Stream[] }
  | { type: 'interrupted'; participant: string; reason: 'silent' | 'away' }
  | { type: 'signalling'; state: 'up' | 'down' }
  | { type: 'resumed'; participant: string }
  | { type: 'collect'; report: string; deadlineMs: number; maxBytes: number }
  | { type: 'progress'; report: string; collected: number; expected: number }
  | { type: 'reported'; report: string; collected: number; expected: number; stored: boolean; reason: string }
  | { type: 'slots'; connection: string; slots: AssignedSlot[]; undecodable: StreamRef[]; waiting: StreamRef[] }
  | { type: 'connection'; which: string; state: string }
  | { type: 'quiet'; which: string; quiet: boolean }
  | { type: 'unlinked'; which: string }
  | { type: 'lost'; problem: Problem }
  | { type: 'refused'; problem: Problem }
  | { type: 'closed'; problem: Problem | null };

/** An event of SUB that asks for an answer. */
export interface OfferEvent {
  type: 'offer';
  version: number;
}

export interface ErrorEvent {
  type: 'error';
  problem: Problem;
}

/** What one rectangle on the page shows. */
export interface Tile {
  key: string;
  kind: 'person' | 'screen' | 'self' | 'own-screen';
  participant: string;
  /** The published stream behind it, if any. */
  stream: string;
  /** The person's name. */
  name: string;
  /** What is written on the tile. */
  label: string;
  /** Key of the slot with its picture, if it has one. */
  slot: string | null;
  /** Local picture, for own tiles. */
  track: MediaStreamTrack | null;
  /** Whether a microphone is open; null where none belongs to the tile. */
  microphone: boolean | null;
  /** Why nothing is to be expected from them at present, in words; empty if all is well. */
  interrupted: string;
  /** Shown instead of a picture, e.g. why there is none. */
  notice: string;
}

export interface Rect {
  x: number;
  y: number;
  width: number;
  height: number;
}

/** A Janus message of either direction. */
export interface JanusMessage {
  janus: string;
  transaction?: string;
  session_id?: number;
  handle_id?: number;
  sender?: number;
  data?: { id: number };
  error?: { code: number; reason: string };
  plugindata?: { plugin: string; data: Record<string, unknown> };
  jsep?: Jsep;
  [field: string]: unknown;
}

export interface Jsep {
  type: RTCSdpType;
  sdp: string;
}

export type Level = 'debug' | 'info' | 'warn' | 'error';

/** One line of the log. Equal lines in a row are one entry. */
export interface LogEntry {
  /** Number of the entry since the page was loaded, from 1. */
  index: number;
  /** Unix time in ms of the first of the equal lines. */
  time: number;
  /** When each of the others came, ms after it. */
  repeats: number[];
  level: Level;
  /** Which part speaks: signalling, sdp, ice, media, room, page. */
  kind: string;
  /** Participant id the line is about; empty: this page. */
  participant: string;
  /** Its name: `pub`, `sub`, `sub:<participant>`; or empty. */
  connection: string;
  /** Stream name the line is about, or empty. */
  stream: string;
  text: string;
}

/** One entry of a log as a report carries it (docs/report.md). */
export interface ReportEntry {
  time: number;
  repeats?: number[];
  level: Level;
  kind: string;
  participant: string;
  connection: string;
  stream: string;
  text: string;
  data?: Record<string, number>;
}

/** One entry of a report on the server's clock. */
export interface MergedEntry extends Required<ReportEntry> {
  /** In whose log it stands: a participant's id, or `server`. */
  source: string;
}

export interface ReportPerson {
  id: string;
  display: string;
  /** Of its clock to the server's, and how wrong that may be; ms. */
  offset: number;
  error: number;
  complete: boolean;
  reason: string;
  lines: number;
}

/** What the server counted; `to` is empty for what came in. */
export interface ReportFlow {
  participant: string;
  stream: string;
  codec: string;
  to: string;
  packets: number;
  bytes: number;
  newBytes: number;
  keyframes: number | null;
  switches: number | null;
}

export interface MergedReport {
  id: string;
  tenant: string;
  room: string;
  text: string;
  by: string;
  started: number;
  version: string;
  people: ReportPerson[];
  /** How long it was collected, ms. */
  tookMs: number;
  flows: ReportFlow[];
  timeline: MergedEntry[];
  samples: MergedEntry[];
}

export interface Sample {
  time: number;
  data: Record<string, number>;
}

export interface StreamSeries {
  key: string;
  participant: string;
  connection: string;
  stream: string;
  samples: Sample[];
}

/** A connection as it is now. */
export interface ConnectionState {
  /** `pub`, `sub`, `sub:<participant>` */
  name: string;
  /** Whose streams alone it carries; or empty. */
  participant: string;
  /** Negotiated so often. */
  offers: number;
  connectionState: string;
  iceConnectionState: string;
  signalingState: string;
}

/** A session description that was set on a connection. */
export interface Description {
  index: number;
  time: number;
  connection: string;
  side: 'local' | 'remote';
  type: string;
  sdp: string;
}

export interface LogLine {
  level?: Level;
  kind: string;
  participant?: string;
  connection?: string;
  stream?: string;
  text: string;
}

export interface Log {
  add(line: LogLine): void;
  entries(): LogEntry[];
  /** Calls back with each new or repeated entry; returns the way to stop. */
  watch(listener: (entry: LogEntry) => void): () => void;
}

export interface MediaProblem {
  device: 'camera' | 'microphone' | 'screen';
  /** DOMException name */
  name: string;
  text: string;
}
