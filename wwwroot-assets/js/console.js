// The console's one script: clocks, the theme, the watch on the link, and the keyboard. A module, loaded from this host only.
// Each import of the same address is the same instance, so what starts at the end of the file starts once.

const graceMs = 3000;      // the server's beat comes every second; three missed beats are a lost link
const tickMs = 250;        // a screen changes at most four times a second
const pad = (n) => String(n).padStart(2, '0');

// ---- time ----
// The server's clock counts. Each beat carries it; the difference to this machine's clock is kept, so a wrong local clock does not lie.
let skewMs = 0;
const serverNow = () => Date.now() + skewMs;

const clockFormat = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' });
const shortFormat = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
const zoneFormat = new Intl.DateTimeFormat('en-GB', { timeZoneName: 'short', hour: '2-digit' });
const weekdays = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];
const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

const dayOf = (d) => `${weekdays[d.getDay()]} ${d.getDate()} ${months[d.getMonth()]}`;
const zoneOf = (d) => zoneFormat.formatToParts(d).find((p) => p.type === 'timeZoneName')?.value ?? '';
const utcOf = (d) => `${pad(d.getUTCHours())}:${pad(d.getUTCMinutes())}:${pad(d.getUTCSeconds())}`;
const utcTitle = (d) => `${d.getUTCFullYear()}-${pad(d.getUTCMonth() + 1)}-${pad(d.getUTCDate())} ${utcOf(d)} UTC`;

export function duration(ms) {
  const s = Math.max(0, Math.floor(ms / 1000));
  const h = Math.floor(s / 3600), m = Math.floor((s % 3600) / 60);
  if (h >= 24) return `${Math.floor(h / 24)} d ${h % 24} h`;
  if (h > 0) return `${h}:${pad(m)}:${pad(s % 60)}`;
  return m > 0 ? `${m}:${pad(s % 60)}` : `${s} s`;
}

/** How long something lasts, in words: 18:31 beside a clock would be read as a time of day. */
function span(ms) {
  const s = Math.max(0, Math.floor(ms / 1000));
  const h = Math.floor(s / 3600), m = Math.floor((s % 3600) / 60);
  if (h >= 24) return `${Math.floor(h / 24)} d ${h % 24} h`;
  if (h > 0) return `${h} h ${pad(m)} min`;
  return m > 0 ? `${m} min` : `${s} s`;
}

function textFor(node, at) {
  const now = serverNow();
  switch (node.dataset.kind) {
    case 'countdown': return duration(at - now);
    case 'since': return span(now - at);
    case 'now': return clockFormat.format(now);
    case 'utc': return utcOf(new Date(now));
    case 'today': { const d = new Date(now); return `${dayOf(d)} ${d.getFullYear()}`; }
    case 'zone': { const zone = zoneOf(new Date(now)); document.documentElement.classList.toggle('is-utc', zone === 'UTC'); return zone; }
    case 'short': return shortFormat.format(at);
    case 'day': return dayOf(at);
    case 'moment': return `${dayOf(at)} ${shortFormat.format(at)}`;
    default: return clockFormat.format(at);
  }
}

// Only the value of the text node is changed: Blazor holds on to the node itself.
function drawTime(node) {
  const at = new Date(node.dataset.at);
  if (Number.isNaN(at.getTime())) return;
  // Shown as of when the link was lost: what goes on counting would look alive.
  if (isStale() && ['since', 'countdown'].includes(node.dataset.kind)) return;
  const text = textFor(node, at);
  const leaf = [...node.childNodes].find((n) => n.nodeType === Node.TEXT_NODE && n.nodeValue.trim() !== '') ?? node.firstChild;
  if (leaf?.nodeType !== Node.TEXT_NODE) return;
  if (leaf.nodeValue !== text) leaf.nodeValue = text;
  if (node.tagName !== 'TIME') return;
  const title = utcTitle(node.dataset.kind === 'now' ? new Date(serverNow()) : at);
  if (node.title !== title && !['now', 'utc', 'today', 'zone'].includes(node.dataset.kind)) node.title = title;
  if (node.dataset.warn) {
    const leftMs = at - serverNow();
    node.classList.toggle('is-attention', leftMs > 0 && leftMs <= Number(node.dataset.warn) * 1000);
    node.classList.toggle('is-danger', leftMs <= 0);
  }
}

// ---- a moment that is asked for, in the viewer's zone ----
const minuteOf = (d) => `${d.getFullYear()}-${pad(d.getMonth() + 1)}-${pad(d.getDate())}T${pad(d.getHours())}:${pad(d.getMinutes())}`;
const momentAt = (d) => ({ at: d.toISOString(), zone: zoneOf(d), text: minuteOf(d), utc: `${weekdays[d.getUTCDay()]} ${d.getUTCDate()} ${months[d.getUTCMonth()]} ${pad(d.getUTCHours())}:${pad(d.getUTCMinutes())} UTC`, same: d.getTimezoneOffset() === 0 });
/** What was typed, read in this browser's zone; null when it is no time. */
export function momentOf(text) { const d = new Date(text); return Number.isNaN(d.getTime()) ? null : momentAt(d); }
/** A moment of the server's, as the field shows it. */
export function fieldOf(iso) { const d = new Date(iso); return Number.isNaN(d.getTime()) ? null : momentAt(d); }

// A bar that empties: the age of a figure against its limit, or what is left of a lease.
function drawBar(rect) {
  const limitMs = Number(rect.dataset.limit) * 1000;
  const fromMs = new Date(rect.dataset.barAt).getTime();
  const left = rect.dataset.bar === 'lease' ? fromMs - serverNow() : limitMs - (serverNow() - fromMs);
  const width = `${Math.round(100 * Math.min(1, Math.max(0, left / limitMs)))}%`;
  if (rect.getAttribute('width') !== width) rect.setAttribute('width', width);
  rect.closest('.age')?.classList.toggle('is-unknown', left <= 0);
}

// A table that is wider than its frame can be reached and moved by the keyboard; one that fits is no stop on the way.
function keepReachable() {
  for (const box of document.querySelectorAll('.table-box, .wider')) {
    const wide = box.scrollWidth > box.clientWidth + 1;
    if (wide !== box.hasAttribute('tabindex')) { if (wide) box.setAttribute('tabindex', '0'); else box.removeAttribute('tabindex'); }
  }
}

// ---- the link ----
let beatAt = '', beatHeardMs = 0;

function hearBeat() {
  const node = document.querySelector('[data-beat]');
  if (!node) { beatAt = ''; return; }
  if (node.dataset.beat === beatAt) return;
  beatAt = node.dataset.beat;
  beatHeardMs = performance.now();
  skewMs = new Date(beatAt).getTime() - Date.now();
}

function watchLink() {
  const modal = document.getElementById('components-reconnect-modal');
  const lost = modal !== null && /components-reconnect-(show|retrying|failed|rejected|paused|resume-failed)/.test(modal.className);
  const quietMs = beatAt === '' ? 0 : performance.now() - beatHeardMs;
  const stale = lost || quietMs > graceMs;
  const was = document.body.classList.contains('is-stale');
  if (stale !== was) document.body.classList.toggle('is-stale', stale);
  for (const node of document.querySelectorAll('[data-live-word]')) setText(node, stale ? 'not live' : 'live');
  for (const node of document.querySelectorAll('[data-live-age]')) setText(node, beatAt === '' ? '' : `, ${(quietMs / 1000).toFixed(quietMs < 10000 ? 1 : 0)} s old`);
  if (stale && beatAt !== '') for (const node of document.querySelectorAll('[data-shown-as-of]')) setText(node, clockFormat.format(new Date(beatAt)));
}

// A console that was started anew, or a sign-in that has ended, does not take this page back: it is loaded anew as soon as the console answers. What was accepted is kept there.
let reloading = false;
async function loadAnew() {
  if (reloading) return;
  reloading = true;
  for (;;) {
    try {
      if ((await fetch(new URL('health/ready', document.baseURI), { cache: 'no-store' })).ok) {
        // At its beginning, where the page says what is the matter; and a question that was open has not been answered.
        history.scrollRestoration = 'manual';
        try { sessionStorage.setItem('oc-anew', asking() ? 'asked' : 'read'); } catch { /* then it is not told */ }
        location.reload();
        return;
      }
    } catch { /* it does not answer yet */ }
    await new Promise((go) => setTimeout(go, 1000));
  }
}

function watchReconnect() {
  const modal = document.getElementById('components-reconnect-modal');
  modal?.addEventListener('components-reconnect-state-changed', (event) => {
    const state = event.detail?.state;
    if (['failed', 'rejected', 'resume-failed'].includes(state)) { if (!modal.open) modal.show(); loadAnew(); }
    else if (state === 'hide' && modal.open) modal.close();
  });
}

function tellAnew() {
  let was = null;
  try { was = sessionStorage.getItem('oc-anew'); sessionStorage.removeItem('oc-anew'); } catch { return; }
  if (was === null) return;
  scrollTo(0, 0);
  history.scrollRestoration = 'auto';
  const note = document.querySelector('[data-anew]');
  if (!note) return;
  setText(note, was === 'asked' ? 'The console was started anew and this page loaded again. The question that was open was not answered: nothing was done.' : 'The console was started anew and this page loaded again.');
  document.body.classList.add('is-anew');
  setTimeout(() => document.body.classList.remove('is-anew'), 20000);
}

function setText(node, text) {
  if (node.firstChild?.nodeType === Node.TEXT_NODE) { if (node.firstChild.nodeValue !== text) node.firstChild.nodeValue = text; }
  else if (text !== '') node.textContent = text;
}

const isStale = () => document.body.classList.contains('is-stale');

function draw() {
  hearBeat();
  hearSubject();
  hearQuestion();
  document.querySelectorAll('time[data-at], text[data-at]').forEach(drawTime);
  document.querySelectorAll('rect[data-bar]').forEach(drawBar);
  watchLink();
}

// ---- theme: kept in this browser, and in a cookie so that the server draws the first picture right ----
export function theme() { return document.documentElement.dataset.theme ?? 'dark'; }

export function setTheme(name) {
  const chosen = name === 'light' ? 'light' : 'dark';
  document.documentElement.dataset.theme = chosen;
  try { localStorage.setItem('oc-theme', chosen); } catch { /* a browser that keeps nothing still shows the theme */ }
  document.cookie = `oc-theme=${chosen};path=/;max-age=31536000;samesite=lax`;
  return chosen;
}

function restoreTheme() {
  let kept = null;
  try { kept = localStorage.getItem('oc-theme'); } catch { /* as above */ }
  if (kept !== null && kept !== theme()) setTheme(kept);
}

// ---- keyboard ----
const deafMs = 400;        // so long nothing is pressed on what has just come up: the hand was still at the one before
let shell = null, goKeys = '', deafUntilMs = 0, focusedMs = 0, gPressedMs = 0, subject = null;
const pages = new Map();
let nextPage = 1;

export function attachShell(dotnet, letters) { shell = dotnet; goKeys = letters; }
export function detachShell() { shell = null; }
export function listen(dotnet, keys) { const id = nextPage++; pages.set(id, { dotnet, keys }); return id; }
export function unlisten(id) { pages.delete(id); }
/** Puts the focus on the first that is there and can be pressed; a key that leads somewhere never presses it. */
export function focusOn(selector) {
  const node = [...document.querySelectorAll(selector)].find((n) => !n.disabled);
  if (!node) return false;
  node.focus();
  node.scrollIntoView({ block: 'nearest' });
  return true;
}
const subjectNow = () => document.querySelector('[data-subject]')?.dataset.subject ?? null;

// What is not heard yet is seen not to be.
function deafen() {
  deafUntilMs = performance.now() + deafMs;
  document.documentElement.classList.add('is-deaf');
  setTimeout(() => { if (performance.now() >= deafUntilMs) document.documentElement.classList.remove('is-deaf'); }, deafMs + 1);
}

// Counted from the moment in which the new thing is drawn here, not from when the server sent it.
function hearSubject() {
  const now = subjectNow();
  if (now === subject) return;
  if (subject !== null && now !== null) deafen();
  subject = now;
}

// The rest of what was typed into a question that has just closed is no key of the page below.
let wasAsking = false;
function hearQuestion() {
  const now = asking();
  if (wasAsking && !now) deafen();
  // Before the server can say so: what is typed at once belongs into the field.
  if (!wasAsking && now) document.querySelector('.mud-dialog [data-first]')?.focus();
  wasAsking = now;
}

function typing(target) {
  return target instanceof HTMLElement && (target.isContentEditable || ['INPUT', 'TEXTAREA', 'SELECT'].includes(target.tagName))
    && !['checkbox', 'radio', 'button', 'submit'].includes(target.type);
}
const asking = () => document.querySelector('.mud-dialog, dialog[open]:not(#components-reconnect-modal)') !== null;

function onKey(event) {
  // The Enter that has led there, and a held key, never press what destroys; a second one does, where the focus is seen to be.
  if ((event.repeat || (event.key === 'Enter' && performance.now() < focusedMs + deafMs)) && event.target instanceof HTMLElement && event.target.closest('[data-no-enter]')) { event.preventDefault(); event.stopPropagation(); return; }
  if (event.altKey || event.metaKey || event.isComposing) return;
  if (event.ctrlKey) {
    if (event.key.toLowerCase() === 'k' && shell && !asking()) { event.preventDefault(); shell.invokeMethodAsync('ShowPlaces'); }
    return;
  }
  if (typing(event.target)) { if (event.key === 'Escape') event.target.blur(); return; }
  if (asking()) return;
  if (event.key === 'Escape') { gPressedMs = 0; if (!send('Escape') && shell && history.length > 1) history.back(); return; }
  if (event.repeat || performance.now() < deafUntilMs) return;
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  if (gPressedMs && performance.now() - gPressedMs < 1500) {
    gPressedMs = 0;
    if (shell && goKeys.includes(key)) { event.preventDefault(); shell.invokeMethodAsync('Go', key); return; }
  }
  if (key === 'g') { gPressedMs = performance.now(); return; }
  if (key === '?') { if (shell) { event.preventDefault(); shell.invokeMethodAsync('ShowKeys'); } return; }
  if (key === '/') { const box = document.querySelector('[data-filter]'); if (box) { event.preventDefault(); box.focus(); box.select?.(); } else if (shell) { event.preventDefault(); shell.invokeMethodAsync('ShowPlaces'); } return; }
  // A focused button or link keeps Enter and Space for itself.
  if ((key === 'Enter' || key === ' ') && event.target instanceof HTMLElement && event.target.closest('button, a, summary, input')) return;
  if (send(key)) event.preventDefault();
}

function send(key) {
  if (isStale()) return false;
  for (const page of [...pages.values()].reverse()) {
    if (page.keys.includes(key)) { page.dotnet.invokeMethodAsync('Press', key, subjectNow()); return true; }
  }
  return false;
}

// While the link is lost nothing that acts may be pressed; links still lead away. Nor may what decides about a thing that has only just come up.
function onClick(event) {
  if (!(event.target instanceof Element)) return;
  const held = isStale() ? '.page button, .mud-dialog button, [data-acts]' : performance.now() < deafUntilMs ? '[data-deaf] button' : null;
  if (held !== null && event.target.closest(held)) { event.preventDefault(); event.stopPropagation(); }
}

function start() {
  restoreTheme();
  document.addEventListener('focusin', () => { focusedMs = performance.now(); });
  document.addEventListener('keydown', onKey, true);
  document.addEventListener('click', onClick, true);
  document.addEventListener('click', (event) => {
    if (event.target instanceof Element && event.target.closest('[data-reload]')) location.reload();
    if (event.target instanceof Element && event.target.closest('[data-print]')) window.print();
    const copied = event.target instanceof Element ? event.target.closest('[data-copy]') : null;
    if (copied && navigator.clipboard) navigator.clipboard.writeText(copied.dataset.copy).then(() => { copied.classList.add('is-copied'); setTimeout(() => copied.classList.remove('is-copied'), 1500); }, () => { /* the tooltip still shows it */ });
  });
  // Blazor writes the server's words into a new <time>; they are turned into the viewer's zone before anything is painted.
  new MutationObserver(draw).observe(document.body, { subtree: true, childList: true, characterData: true, attributes: true, attributeFilter: ['data-at', 'data-beat', 'data-kind', 'data-subject'] });
  watchReconnect();
  tellAnew();
  setInterval(draw, tickMs);
  setInterval(keepReachable, tickMs);
  draw();
  keepReachable();
}

start();
