// What the board does beyond what its HTML says: rows do not move while somebody points at them,
// and the page says whether it is live. All else is the server's.
(() => {
  'use strict';
  const LISTS = '#top, #queue';
  // A pointer that was left lying on a wall display points at nothing.
  const IDLE_MS = 60_000;
  // The server sends something every 15 s at least; after this the line is dead.
  const SILENCE_MS = 40_000;
  const AGAIN_MS = 2_000;

  const live = document.getElementById('live');
  const connection = document.getElementById('connection');

  // --- The list never jumps under the pointer -------------------------------------------------

  let pointed = false;
  let touchedAt = 0;
  // Lists in their newest order, by id, which are not shown yet.
  const kept = new Map();

  const focused = () => document.activeElement?.matches(':focus-visible')
    && document.activeElement.closest(LISTS) !== null;
  const held = () => (pointed || focused()) && performance.now() - touchedAt < IDLE_MS;

  const release = () => {
    if (held()) return;
    for (const [id, list] of kept) document.getElementById(id)?.replaceWith(list);
    kept.clear();
  };

  // Gives a new list the rows of the shown one, in their places: what changed in a row shows, but
  // none comes, goes or moves.
  const keepRows = (shown, next) => {
    const newest = next.cloneNode(true);
    const rows = [...shown.querySelectorAll('.ticket')];
    const fresh = new Map([...next.querySelectorAll('.ticket')].map((row) => [row.id, row]));
    const came = [...fresh.keys()].filter((id) => !rows.some((row) => row.id === id));
    const staying = rows.filter((row) => fresh.has(row.id)).map((row) => row.id);
    const order = [...fresh.keys()].filter((id) => staying.includes(id));
    const moved = order.filter((id, place) => id !== staying[place]);
    const updates = came.length + (rows.length - staying.length) + moved.length;
    if (updates === 0) {
      kept.delete(shown.id);
      return;
    }
    kept.set(shown.id, newest);
    next.querySelector('.tickets').replaceChildren(...rows.map((row) => {
      if (fresh.has(row.id)) return fresh.get(row.id);
      const gone = row.cloneNode(true);
      gone.classList.add('is-gone');
      return gone;
    }));
    next.querySelector('.empty')?.remove();
    const empty = shown.querySelector('.empty');
    if (empty) next.querySelector('.tickets').before(empty.cloneNode(true));
    const badge = next.querySelector('.updates');
    badge.dataset.pending = updates;
    badge.textContent = updates === 1
      ? next.dataset.updatesOne
      : next.dataset.updatesMany.replace('#', updates);
  };

  document.addEventListener('htmx:before:swap', (event) => {
    for (const { target, fragment } of event.detail.tasks) {
      if (!target?.matches?.(LISTS)) continue;
      const next = fragment.querySelector(LISTS);
      // Both lists: one that grows above would push the other from under the pointer.
      if (next && held()) keepRows(target, next);
      else kept.delete(target.id);
    }
  });

  document.addEventListener('pointerover', (event) => {
    // A finger is not there before it touches, and gone after.
    pointed = event.pointerType !== 'touch' && event.target.closest(LISTS) !== null;
    touchedAt = performance.now();
    release();
  });
  document.addEventListener('pointermove', () => { touchedAt = performance.now(); });
  document.addEventListener('keydown', () => { touchedAt = performance.now(); });
  document.documentElement.addEventListener('pointerleave', () => {
    pointed = false;
    release();
  });
  document.addEventListener('focusin', () => { touchedAt = performance.now(); release(); });
  // What gets the focus next is known a moment later.
  document.addEventListener('focusout', () => setTimeout(release));

  // --- Whether the page is live ---------------------------------------------------------------

  let heardAt = performance.now();
  let reader = null;
  const show = (state) => {
    if (connection.dataset.state !== state) connection.dataset.state = state;
  };

  live.addEventListener('htmx:sse:after:connection', (event) => {
    reader = event.detail.connection;
    heardAt = performance.now();
    show('live');
  });
  live.addEventListener('htmx:sse:before:message', () => { heardAt = performance.now(); });
  for (const lost of ['htmx:sse:before:connection', 'htmx:sse:error', 'htmx:sse:close']) {
    live.addEventListener(lost, () => show('waiting'));
  }
  // Once it is connected the extension comes back by itself, but not after a first failure.
  for (const failed of ['htmx:error', 'htmx:response:error']) {
    live.addEventListener(failed, () => {
      show('waiting');
      setTimeout(() => htmx.trigger(live, 'board:again'), AGAIN_MS);
    });
  }
  // The server is of another release: its rows need its style and script.
  live.addEventListener('board:reload', () => location.reload());

  setInterval(() => {
    release();
    if (document.hidden || performance.now() - heardAt < SILENCE_MS) return;
    heardAt = performance.now();
    show('waiting');
    reader?.reader?.cancel();
  }, 1_000);
})();
