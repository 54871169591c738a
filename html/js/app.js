// SPDX-License-Identifier: GPL-3.0-only
// The room page: makes the parts and ties them together.
import { createDebugger } from './debugger.js';
import { decodableCodecs } from './media/codecs.js';
import { createLocalMedia } from './media/local.js';
import { createCollector } from './report/collector.js';
import { createDescriptions } from './report/descriptions.js';
import { createLog } from './report/log.js';
import { createSampler } from './report/sampler.js';
import { createSeries } from './report/series.js';
import { serveReports } from './report/share.js';
import { snapshot, stats } from './report/snapshot.js';
import { watchCall, watchPage } from './report/watch.js';
import { createCall } from './room/call.js';
import { ErrorCode } from './room/protocol.js';
import { watchSleep } from './room/wake.js';
import { parseRoomKey } from './room/room-key.js';
import { describeEvent } from './room/view.js';
import { ScreenShare } from './screenshare.js';
import { readSettings, rememberCodec, rememberName, rememberTopology } from './settings.js';
import { createBanner } from './ui/banner.js';
import { createChoices, createTopologyChoice } from './ui/choices.js';
import { bindCodecChoice } from './ui/codec-choice.js';
import { byId } from './ui/dom.js';
import { farewellWords, showFarewell, showPage } from './ui/pages.js';
import { createPrejoin } from './ui/prejoin.js';
import { createReportDialog } from './ui/report.js';
import { createRoom } from './ui/room.js';
import { createToasts } from './ui/toast.js';
import { createToolbar } from './ui/toolbar.js';

/** @param {import('./types').RoomKey} shownKey normalised, for showing only */
function start(shownKey) {
  const settings = readSettings(location);
  const log = createLog();
  const series = createSeries();
  const descriptions = createDescriptions();
  const toasts = createToasts(byId('toasts'), byId('announcer'));
  const key = { tenant: location.hostname, room: location.pathname };
  let { topology } = settings;
  const call = createCall({
    url: settings.url,
    key,
    codecs: decodableCodecs(),
    codec: settings.codec,
    topology: () => topology,
    relayOnly: settings.relayOnly,
    log,
    descriptions,
  });
  const media = createLocalMedia({ width: settings.width, onChange: mediaChanged, onProblem: problem });
  const screens = new ScreenShare({ onChange: mediaChanged, onProblem: problem });
  const prejoin = createPrejoin({ media, room: shownKey.room, name: settings.name, onJoin: join });
  const banner = createBanner(byId('banner'));
  const toolbar = createToolbar({ media, screens, room: shownKey.room, toasts, onLeave: leave });
  const room = createRoom({ call, media, screens });
  const debug = createDebugger({
    log, series, descriptions, connections: () => snapshot(call).connections, nameOf, self: () => call.state().id,
  });
  const refreshChoices = createChoices(media, room.setSink);
  watchCall(call, log);
  watchPage(document, log);
  createSampler({ call, log, series });
  createCollector({ call, log, series, descriptions });
  createReportDialog(call);
  serveReports(call);
  createTopologyChoice(topology, (chosen) => {
    topology = chosen;
    rememberTopology(chosen);
  });
  bindCodecChoice(byId('codec-choice'), settings.codec, (codec) => {
    rememberCodec(codec);
    call.setCodec(codec).catch(refusedChange);
  });
  const isInside = () => ['joining', 'joined', 'rejoining'].includes(call.state().phase);

  /** @param {string} id */
  function nameOf(id) {
    const { participants, id: self, display } = call.state();
    return id === self ? display : (participants.get(id)?.display ?? '');
  }

  /** @param {import('./types').MediaProblem} trouble */
  function problem(trouble) {
    log.add({ level: 'warn', kind: 'media', text: `${trouble.device}: ${trouble.name}` });
    prejoin.showProblem(trouble);
    if (isInside()) toasts.show(trouble.text, 'problem');
  }

  function mediaChanged() {
    refreshChoices();
    if (!isInside()) {
      prejoin.render();
      return;
    }
    render();
    call.publish([...media.outgoing(), ...screens.outgoing()]).catch(refusedChange);
  }

  /** @param {Error & {code?: number}} error */
  function refusedChange(error) {
    log.add({ level: 'error', kind: 'signalling', connection: 'pub', text: error.message });
    toasts.show(`The server did not take the change: ${error.message}`, 'problem');
    if (error.code === ErrorCode.tooManyStreams) screens.stopNewest();
  }

  function render() {
    room.render();
    toolbar.render(call.state());
    banner.render(call.state());
  }

  /** @param {string} name */
  function join(name) {
    rememberName(name);
    prejoin.close();
    showPage('room');
    byId('tiles').focus(); // the button that had it is gone
    call.publish([...media.outgoing(), ...screens.outgoing()]);
    call.join(name);
  }

  function leave() {
    call.leave();
    screens.stopAll();
    media.stop();
  }

  call.watch((state, event, before) => {
    if (event.type !== 'tracks') {
      const words = describeEvent(event, before);
      if (words) toasts.show(words);
    }
    if (isInside()) render();
    else if (state.phase !== before.phase) showFarewell(farewellWords(state));
  });
  byId('rejoin').addEventListener('click', async () => {
    await enter();
    join(call.state().display);
  });
  addEventListener('online', () => call.check({ networkChanged: true }));
  // Chromium only; elsewhere a connection that is disconnected for a moment says the same
  /** @type {any} */ (navigator).connection?.addEventListener('change', () => call.check({ networkChanged: true }));
  document.addEventListener('visibilitychange', () => document.hidden || call.check());
  watchSleep((ms) => {
    log.add({ level: 'warn', kind: 'page', text: `stood still for ${Math.round(ms / 1000)} s` });
    call.check();
  });
  addEventListener('pagehide', () => isInside() && call.leave());

  /** Camera and microphone, as the address asks for them. */
  async function enter() {
    if (!settings.microphone) media.setMicrophone(false);
    if (!settings.camera) media.setCamera(false);
    await media.start();
  }

  document.title = `${shownKey.room} · Buzz`;
  Object.assign(window, { buzz: { call, debug, snapshot: () => snapshot(call), stats: () => stats(call) } });
  prejoin.render();
  if (!settings.joinAtOnce) prejoin.focus();
  enter().then(() => {
    if (settings.joinAtOnce && settings.name && call.state().phase === 'idle') join(settings.name);
  });
}

try {
  start(parseRoomKey(location.hostname, location.pathname));
} catch (error) {
  showFarewell({ title: 'This address is not a room', text: /** @type {Error} */ (error).message });
}
