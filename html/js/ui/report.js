// SPDX-License-Identifier: GPL-3.0-only
// “Report a problem”: one sentence, how far the collecting is, and where the report is.
import * as protocol from '../room/protocol.js';
import { byId } from './dom.js';

/** What the server says when it could not store a report (docs/protocol.md, Reports). @type {Record<string, string>} */
const REASONS = {
  no_folder: 'the folder for reports is missing on the server',
  not_writable: 'the server may not write to its folder for reports',
  full: 'the server’s disk is full',
  too_many: 'the server has as many reports as it may keep',
  busy: 'the server’s disk is too slow at present',
};
/** For the server's answer, and beyond its deadline for its disk. */
const PATIENCE_MS = 15_000;

/** @param {import('../room/call').Call} call */
export function createReportDialog(call) {
  /** @type {HTMLDialogElement} */
  const dialog = byId('report-dialog');
  /** @type {HTMLTextAreaElement} */
  const text = byId('report-text');
  /** @type {HTMLProgressElement} */
  const progress = byId('report-progress');
  /** @type {HTMLAnchorElement} */
  const link = byId('report-link');
  /** @type {HTMLButtonElement} */
  const send = byId('report-send');
  let id = '';
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;

  /** @param {string} words @param {boolean} [bad] */
  function say(words, bad = false) {
    byId('report-status').textContent = words;
    byId('report-status').dataset.level = bad ? 'bad' : '';
  }

  /** @param {'asking' | 'collecting' | 'done'} step */
  function show(step) {
    dialog.dataset.step = step;
    text.disabled = step !== 'asking';
    byId('report-field').hidden = step === 'done';
    progress.hidden = step !== 'collecting';
    link.hidden = true;
    send.hidden = step !== 'asking';
  }

  /** @param {string} problem @param {'asking' | 'done'} step */
  function fail(problem, step) {
    clearTimeout(timer);
    id = '';
    show(step);
    say(problem, true);
  }

  /** @param {number} ms */
  function expectWord(ms) {
    clearTimeout(timer);
    timer = setTimeout(() => fail('The server does not say what became of the report.', 'done'), ms);
  }

  /** @param {string} sentence */
  async function report(sentence) {
    show('collecting');
    progress.removeAttribute('value');
    say('Asking everyone for their logs…');
    expectWord(PATIENCE_MS);
    try {
      const answer = await call.request(protocol.report(sentence));
      id = answer.report;
      collected(0, answer.expected);
    } catch (error) {
      fail(`The report was not made: ${/** @type {Error} */ (error).message}.`, 'asking');
    }
  }

  /** @param {number} count @param {number} expected */
  function collected(count, expected) {
    progress.max = expected;
    progress.value = count;
    say(`${count} of ${expected} collected`);
  }

  /** @param {Extract<import('../types').RoomEvent, {type: 'reported'}>} event */
  function finish(event) {
    if (!event.stored) {
      fail(`The report could not be stored: ${REASONS[event.reason] ?? 'the server has the details in its log'}.`, 'done');
      return;
    }
    clearTimeout(timer);
    id = '';
    show('done');
    say(`Thank you. Report ${event.report} has the logs of ${event.collected} of ${event.expected} people.`);
    link.href = `/_/report.html?id=${encodeURIComponent(event.report)}`;
    link.hidden = false;
    text.value = '';
  }

  byId('report').addEventListener('click', () => {
    if (dialog.dataset.step !== 'collecting') {
      show('asking');
      say('');
    }
    dialog.showModal();
  });
  byId('report-close').addEventListener('click', () => dialog.close());
  byId('report-form').addEventListener('submit', (event) => {
    event.preventDefault();
    // one line for the server: it takes no control characters
    const sentence = text.value.replace(/\p{Cc}+/gu, ' ').trim();
    if (sentence) report([...sentence].slice(0, 2000).join(''));
    else text.focus();
  });
  call.watch((state, event) => {
    if (event.type === 'collect' && event.report === id) expectWord(event.deadlineMs + PATIENCE_MS);
    else if (event.type === 'progress' && event.report === id) collected(event.collected, event.expected);
    else if (event.type === 'reported' && event.report === id) finish(event);
    else if (id && state.phase !== 'joined') fail('The connection was lost before the report was finished.', 'done');
  });
}
