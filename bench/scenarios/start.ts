// How long a gateway takes from the command to the first answer: what a rollout, a crash or a scale-up waits for.
import { setTimeout as sleep } from 'node:timers/promises';
import { cpuMicros } from '../accounting.ts';
import type { Lab, Peer, Scenario } from '../contract.ts';
import { Book, type Sample } from './book.ts';
import { barsOf } from './charts.ts';
import { singleCall, smallBody } from './single-call.ts';
import { behave, HEADGATE, inWords, targetOf } from './targets.ts';

const ROUTE = 'openai>openai';
/** Who takes longer than this is started once: its rounds would take minutes and say the same. */
const SLOW_MS = 5_000;
const PATIENCE_MS = 60_000;
const AGAIN_MS = 5;

const TIME = 'start to first answer';
const CPU = 'CPU until then';

export const start: Scenario = {
  name: 'start',
  title: 'Start to first answer',
  method: `From the start command to the first 200 of a chat call that went through to the mock, program files in the page cache, median of the rounds (a gateway \
that takes more than ${SLOW_MS / 1000} s is started once). CPU is that of the whole process tree by then. The first start of each is not counted.`,
  metrics: [
    { name: TIME, unit: 'ms', better: 'lower', bar: { target: HEADGATE, most: 600 } },
    { name: CPU, unit: 'ms', better: 'lower' },
  ],
  async run(lab) {
    await behave(lab, {});
    const book = new Book();
    const notes: string[] = [];
    const out = new Set<string>();
    const peers = lab.peers(ROUTE);
    // Round 0 brings the files into the page cache.
    for (let round = 0; round <= lab.rounds; round++) {
      for (const peer of peers) {
        if (out.has(peer.name)) continue;
        try {
          const sample = await once(lab, peer);
          const took = sample.values[TIME] ?? 0;
          lab.say(`${round === 0 ? 'warm-up' : `round ${round}`} ${peer.name}: ${took.toFixed(0)} ms`);
          if (took > SLOW_MS) out.add(peer.name);
          if (round > 0 || out.has(peer.name)) book.write(peer.name, sample);
        } catch (error) {
          out.add(peer.name);
          notes.push(`${peer.name} did not start: ${inWords(error)}`);
        }
      }
    }
    const measurements = book
      .targets()
      .flatMap((name) => [book.measurement(name, TIME), book.measurement(name, CPU)]);
    return {
      measurements,
      notes,
      charts: [
        barsOf(measurements, {
          title: 'Start to first answer',
          yLabel: 'ms',
          metrics: [TIME, CPU],
          logY: true,
        }),
      ],
    };
  },
};

async function once(lab: Lab, peer: Peer): Promise<Sample> {
  const begin = performance.now();
  const running = await lab.start(peer);
  try {
    const target = targetOf(peer.name, running, ROUTE);
    if (target === null) throw new Error(`does not serve ${ROUTE}`);
    const body = smallBody('openai', target.endpoint.model, false);
    for (;;) {
      const status = await singleCall(target.endpoint, body).then(
        (answer) => answer.status,
        () => 0,
      );
      const tookMs = performance.now() - begin;
      if (status === 200)
        return { values: { [TIME]: tookMs, [CPU]: cpuMicros(running.pid) / 1000 }, void: null };
      if (tookMs > PATIENCE_MS) throw new Error(`no good answer, the last was a ${status}`);
      await sleep(AGAIN_MS);
    }
  } finally {
    await running.stop();
  }
}
