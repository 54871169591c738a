// SPDX-License-Identifier: GPL-3.0-only
// Takes out of a line what nobody who reads a log may learn: ICE credentials, addresses, seats, links, tokens. The twin of
// plugins/core/redact.c; tests/data/redact.json is the proof for both.

const SECRET = '[secret]';
const ADDRESS = '[address]';
/** Characters of the longest address. */
const ADDRESS_MAX = 45;

const NAMES = 'ice-pwd|ice-ufrag|ufrag|usernameFragment|seat|link|access_token|token|pwd|password|secret|credential';
/** A name, what may stand between it and its value (":" or "=" and quotes; a mere space only in SDP's "ufrag x"), the value. */
const SECRETS = new RegExp(
  `(?<![A-Za-z0-9_-])((?:(?:${NAMES})(?![A-Za-z0-9_-])[\\\\"']* *[:=][ \\\\"']*)|(?:ufrag(?![A-Za-z0-9_-])[\\\\"']* +))[^\\s"'\\\\&,;}]+`,
  'gi',
);
const IPV4 = /(?<![A-Za-z0-9_.])(?!0\.0\.0\.0)(?:(?:25[0-5]|2[0-4]\d|[01]?\d?\d)\.){3}(?:25[0-5]|2[0-4]\d|[01]?\d?\d)(?!\d)/g;
const IPV6 = /(?<![A-Za-z0-9_.:])[0-9A-Fa-f:][0-9A-Fa-f:.]{2,}/g;
/** With which a browser hides its address in a candidate (mDNS). */
const LOCAL_NAME = /(?<![A-Za-z0-9_-])[A-Za-z0-9-]+\.local(?![A-Za-z0-9_-])/gi;
const CONTROL = /[\u0000-\u0008\u000b\u000c\u000e-\u001f]/g; // eslint-disable-line no-control-regex

/**
 * By its form: groups of at most four digits, and `::` or seven colons. So neither a time of day nor a fingerprint is one.
 * @param {string} token
 */
function hideIpv6(token) {
  const address = token.replace(/(?:\.|(?<!:):)+$/, '');
  const isOne =
    address.length >= 3 &&
    address.length <= ADDRESS_MAX &&
    !/[0-9A-Fa-f]{5}/.test(address) &&
    (address.includes('::') || address.split(':').length === 8);
  return isOne ? ADDRESS + token.slice(address.length) : token;
}

/**
 * @param {string} text
 * @returns {string}
 */
export function redact(text) {
  return text
    .replace(SECRETS, (_, start) => start + SECRET)
    .replace(IPV6, hideIpv6)
    .replace(IPV4, ADDRESS)
    .replace(LOCAL_NAME, ADDRESS)
    .replace(CONTROL, '?');
}
