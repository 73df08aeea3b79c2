// Loaded into a worker by `node --require`: how long whoever comes waits until the worker's event loop gets to him, looked at each
// millisecond. A turn of 5 ms is five waits, of 5 to 1 ms: one late timer alone would say that one came too late. The
// counts so far are in HEADGATE_BENCH_WAITS/<pid>.json, by upper bound in units of 50 us.
const cluster = require('node:cluster');
const { renameSync, writeFileSync } = require('node:fs');
const { isMainThread } = require('node:worker_threads');

const EVERY_MS = 1;
const UNIT_MS = 0.05;
const MOST = 10_000;
const WRITE_MS = 100;

if (cluster.isWorker && isMainThread && process.env.HEADGATE_BENCH_WAITS) {
  const counts = new Array(MOST).fill(0);
  const file = `${process.env.HEADGATE_BENCH_WAITS}/${process.pid}.json`;
  let due = performance.now() + EVERY_MS;
  const look = () => {
    const now = performance.now();
    // Timers count whole milliseconds and may be one early or late by that alone.
    for (let late = now - due; late >= 0; late -= EVERY_MS)
      counts[Math.min(MOST - 1, Math.floor(late / UNIT_MS))]++;
    due = now + EVERY_MS;
    setTimeout(look, EVERY_MS).unref();
  };
  look();
  setInterval(() => {
    writeFileSync(`${file}.new`, JSON.stringify(counts));
    renameSync(`${file}.new`, file);
  }, WRITE_MS).unref();
}
