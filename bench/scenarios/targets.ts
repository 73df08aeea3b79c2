// The targets of a scenario: gateways that run side by side on the gateway cores, and the mock called directly.
import type { Dialect, Endpoint, Lab, Metric, MockBehaviour, Route, RunningPeer } from '../contract.ts';
import { Book, type Sample } from './book.ts';

export const HEADGATE = 'headgate';
export const NGINX = 'nginx';
export const BARE_LOOP = 'bare';
/** A JavaScript gateway is slow in its first second of load. */
const WARM_SECONDS = 2;
/** The mock without anything before it. */
export const DIRECT = 'direct';
/** Proxies without the work of a gateway: yardsticks, not competitors. */
export const YARDSTICKS: ReadonlySet<string> = new Set([NGINX, BARE_LOOP, DIRECT, 'haproxy']);

/** Headgate with something of its own switched on, as a target. */
export const variant = (feature: string): string => `${HEADGATE}, ${feature}`;

/** What of such a target is to stay below `most`: a metric bears one bar, so what has a bar of its own is a metric of its own. */
export const variantBar = (name: string, unit: string, feature: string, most: number): Metric => ({
  name,
  unit,
  better: 'lower',
  bar: { target: variant(feature), most },
});

export interface Target {
  name: string;
  /** Root of the process tree. */
  pid: number;
  endpoint: Endpoint;
  running: RunningPeer | null;
}

export const clientDialect = (route: Route): Dialect => route.slice(0, route.indexOf('>')) as Dialect;

/** The mock as a target, for what the machine and the load cost without any gateway. */
export function direct(lab: Lab, dialect: Dialect): Target {
  return {
    name: DIRECT,
    pid: lab.mock.child.pid ?? 0,
    endpoint: lab.mock.endpoint(dialect),
    running: null,
  };
}

export type Starter = readonly [name: string, start: () => Promise<RunningPeer>];

export interface Cast {
  targets: readonly Target[];
  /** Peers that could not take part, in words. */
  notes: string[];
}

/**
 * Sets the mock, starts every peer that serves the route, lets `work` go on, and stops them whatever happens. A peer that
 * does not start is a note, and the others go on without it.
 */
export async function withPeers<T>(
  lab: Lab,
  route: Route,
  behaviour: Partial<MockBehaviour>,
  work: (cast: Cast) => Promise<T>,
): Promise<T> {
  return withStarted(lab, route, behaviour, starters(lab, route), work);
}

/** Like `withPeers`, for what is started in another way: names with their starters. */
export async function withStarted<T>(
  lab: Lab,
  route: Route,
  behaviour: Partial<MockBehaviour>,
  starting: readonly Starter[],
  work: (cast: Cast) => Promise<T>,
): Promise<T> {
  const cast: Cast & { targets: Target[] } = { targets: [], notes: [] };
  try {
    await behave(lab, behaviour);
    for (const [name, start] of starting) {
      try {
        const running = await start();
        const target = targetOf(name, running, route);
        if (target === null) {
          cast.notes.push(`${name} does not serve ${route}`);
          await running.stop();
        } else cast.targets.push(target);
      } catch (error) {
        cast.notes.push(`${name} did not start: ${inWords(error)}`);
        lab.say(`${name} did not start: ${inWords(error)}`);
      }
    }
    return await work(cast);
  } finally {
    for (const { running } of cast.targets) await running?.stop().catch(() => undefined);
    await lab.mock.reset();
  }
}

/** Null where the peer does not serve the route. */
export function targetOf(name: string, running: RunningPeer, route: Route): Target | null {
  const endpoint = running.endpoint(route);
  return endpoint === null ? null : { name, pid: running.pid, endpoint, running };
}

/**
 * The peers by their starters, Headgate in a form of its own where one is given.
 *
 * @param cores those of the gateways by default
 */
export function starters(
  lab: Lab,
  route: Route,
  headgate?: () => Promise<RunningPeer>,
  cores?: readonly number[],
): Starter[] {
  return lab
    .peers(route)
    .map((peer) => [
      peer.name,
      peer.name === HEADGATE && headgate !== undefined ? headgate : () => lab.start(peer, cores),
    ]);
}

/** Nothing of an earlier scenario stays. */
export async function behave(lab: Lab, behaviour: Partial<MockBehaviour>): Promise<void> {
  await lab.mock.reset();
  await lab.mock.set(behaviour);
}

export interface Turn {
  /** 0 warms up and does not count. */
  round: number;
  /** Of load, shorter in the warm-up. */
  seconds: number;
}

export interface AlternateOptions {
  /** Measured seconds of a turn (default those of the lab). */
  seconds?: number;
  /** False where the targets are warm from what was measured before. */
  warm?: boolean;
  /**
   * Turns of a second, as many more of them: what disturbs a shared machine lasts for some seconds, and is to meet both
   * sides of a ratio.
   */
  short?: boolean;
}

/**
 * A, B, C, A, B, C …: a disturbance of the machine meets all alike. The first, short round lets code be compiled and
 * connections open. A target that throws is out, with the reason, and the others go on.
 */
export async function alternate<T extends { name: string }>(
  lab: Lab,
  targets: readonly T[],
  measure: (target: T, turn: Turn) => Promise<Sample>,
  options: AlternateOptions = {},
): Promise<Book> {
  const book = new Book();
  const full = lab.quick ? lab.seconds : (options.seconds ?? lab.seconds);
  const out = new Set<string>();
  // Of a quick run no number counts.
  const cold = options.warm !== false && !lab.quick;
  const parts = options.short === true ? Math.max(1, Math.floor(full)) : 1;
  for (let round = cold ? 0 : 1; round <= lab.rounds * parts; round++) {
    for (const target of targets) {
      if (out.has(target.name)) continue;
      try {
        const sample = await measure(target, {
          round,
          seconds: round === 0 ? Math.min(WARM_SECONDS, full) : full / parts,
        });
        lab.say(`${round === 0 ? 'warm-up' : `round ${round}`} ${target.name}: ${briefly(sample)}`);
        if (round > 0) book.write(target.name, sample);
      } catch (error) {
        out.add(target.name);
        const reason = `failed in ${round === 0 ? 'the warm-up' : `round ${round}`}: ${inWords(error)}`;
        book.remark(target.name, reason);
        lab.say(`${target.name} ${reason}`);
      }
    }
  }
  return book;
}

export function inWords(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function briefly(sample: Sample): string {
  const values = Object.entries(sample.values).map(([metric, value]) => `${metric} ${shortNumber(value)}`);
  return `${values.join(', ')}${sample.void === null ? '' : ` VOID: ${sample.void}`}`;
}

function shortNumber(value: number): string {
  return Math.abs(value) >= 100 ? value.toFixed(0) : value.toFixed(2);
}

/** One turn of each target, without rounds; what fails is a note, and the others go on. */
export async function alternateOnce(
  lab: Lab,
  targets: readonly Target[],
  notes: string[],
  work: (target: Target) => Promise<string>,
): Promise<void> {
  for (const target of targets) {
    try {
      lab.say(`${target.name} ${await work(target)}`);
    } catch (error) {
      const note = `${target.name} failed: ${inWords(error)}`;
      if (!notes.includes(note)) notes.push(note);
      lab.say(note);
    }
  }
}
