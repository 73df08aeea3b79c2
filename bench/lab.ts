// The lab of one run: starts and pins what is measured, drives load from its own cores, and keeps the books.
import { spawnSync } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { cpuMicros, cpuMicrosOf, memoryOf } from './accounting.ts';
import type { Lab, LoadResult, Mock, Peer, RunningPeer, StreamResult, UnaryLoad } from './contract.ts';
import { generate } from './load/generator.ts';
import type { Streams } from './load/streams-run.ts';
import type { Unary } from './load/unary-run.ts';
import { runWrk, wrkInstalled } from './load/wrk.ts';
import { startHeadgate } from './peers/headgate.ts';
import { freePort, listening, start, stop } from './processes.ts';
import { untilQuiet } from './quiet.ts';
import type { MockCeiling } from './result.ts';
import { type RunFacts, verdictOf } from './verdict.ts';
import { WindowMeter } from './window-meter.ts';

export interface LabOptions {
  rounds: number;
  seconds: number;
  quick: boolean;
  gatewayCores: readonly number[];
  loadCores: readonly number[];
  mock: Mock;
  /** Those the user chose and that were found. */
  peers: readonly Peer[];
  /** For configuration and data of what is started. */
  folder: string;
  say(text: string): void;
}

export interface BenchLab extends Lab {
  /** Calls the mock directly, once: what no gateway can exceed. Null when that failed. */
  measureCeiling(): Promise<MockCeiling | null>;
  /** What was void or near a ceiling since the last call, in words. */
  takeWarnings(): string[];
  /** Ends what a scenario left running. */
  clear(): Promise<void>;
}

/** Bodies and answers up to here are like those the ceiling was measured with. */
const SMALL_BODY_BYTES = 4096;

export function createLab(options: LabOptions): BenchLab {
  const { gatewayCores, loadCores, folder } = options;
  const generatorCore = loadCores[0]!;
  const mockCore = mockCoreOf(loadCores);
  const meter = new WindowMeter(cpuMicros);
  const running = new Map<number, RunningPeer>();
  const warnings = new Map<string, { text: string; times: number }>();
  let ceiling: MockCeiling | null = null;
  let failuresWanted = false;

  const mock: Mock = {
    ...options.mock,
    async set(change) {
      if (change.failEvery !== undefined) failuresWanted = change.failEvery > 0;
      await options.mock.set(change);
    },
    async reset() {
      failuresWanted = false;
      await options.mock.reset();
    },
  };

  const place = (name: string): string => mkdtempSync(join(folder, `${name.replace(/[^\w-]+/g, '-')}-`));
  const keep = (peer: RunningPeer): RunningPeer => {
    const kept: RunningPeer = {
      ...peer,
      async stop() {
        running.delete(peer.pid);
        await peer.stop();
      },
    };
    running.set(peer.pid, kept);
    return kept;
  };

  const warn = (text: string): void => {
    // The same with other numbers is the same: the last one is told.
    const alike = text.replace(/\d+(\.\d+)?/g, '#');
    warnings.set(alike, { text, times: (warnings.get(alike)?.times ?? 0) + 1 });
  };

  let loads = 0;
  let quiet = Promise.resolve();
  const waitForQuiet = async (): Promise<void> => {
    for (const name of await untilQuiet([...running.values()]))
      warn(`${name}: still busy with an earlier load when the next one began`);
  };

  /** Runs a load with the books open, once nobody works off an earlier one, and judges it. */
  const drive = async <
    T extends Pick<LoadResult, 'requests' | 'failed' | 'firstFault' | 'perSecond' | 'generatorBusy'>,
  >(
    work: (hooks: { begin(): void; end(): void }) => Promise<T>,
    about: Pick<RunFacts, 'paced'> & { port: number; comparable: boolean },
  ): Promise<T & Pick<LoadResult, 'mockBusy' | 'void' | 'flag'>> => {
    const mockPid = mock.child.pid!;
    let began = { at: 0, cpu: 0 };
    let mockBusy = 0;
    let open = false;
    const end = (): void => {
      if (!open) return;
      open = false;
      meter.end();
      mockBusy = (cpuMicrosOf(mockPid) - began.cpu) / 1000 / (performance.now() - began.at);
    };
    const begin = (): void => {
      open = true;
      began = { at: performance.now(), cpu: cpuMicrosOf(mockPid) };
      meter.begin();
    };
    // Loads that run side by side wait for the same quiet.
    if (loads++ === 0) quiet = waitForQuiet();
    try {
      await quiet;
      const result = await work({ begin, end });
      const verdict = verdictOf({
        ...result,
        mockBusy,
        paced: about.paced,
        lateMicros: (result as { lateMicros?: number }).lateMicros ?? 0,
        sharedCore: generatorCore === mockCore,
        failuresWanted,
        ceilingPerSecond: about.comparable && about.port !== mock.port ? (ceiling?.perSecond ?? null) : null,
      });
      const name = [...running.values()].find((peer) => serves(peer, about.port))?.name ?? 'direct';
      for (const [kind, text] of Object.entries(verdict)) {
        if (text === null) continue;
        warn(`${name}: ${kind === 'void' ? 'void, ' : ''}${text}`);
      }
      return { ...result, ...verdict, mockBusy };
    } finally {
      end();
      loads--;
    }
  };

  const unary = (load: UnaryLoad): Promise<LoadResult> =>
    drive((hooks) => generate<Unary>('unary', load, generatorCore, hooks), {
      paced: load.perSecond !== undefined,
      port: load.endpoint.port,
      // Of bodies of another size, and of paced load, the ceiling says nothing.
      comparable:
        load.perSecond === undefined && (load.bodyBytes ?? 0) <= SMALL_BODY_BYTES && ceiling?.by === 'unary',
    });

  const lab: BenchLab = {
    rounds: options.rounds,
    seconds: options.seconds,
    quick: options.quick,
    gatewayCores,
    loadCores,
    mock,
    say: options.say,
    memoryOf,
    unary,
    peers: (route) => options.peers.filter((peer) => peer.routes.includes(route)),
    start: async (peer, cores = gatewayCores) =>
      keep(await peer.start({ cores, mock, folder: place(peer.name) })),
    startHeadgate: async (headgate) =>
      keep(await startHeadgate({ cores: gatewayCores, mock, folder: place('headgate') }, headgate)),
    startRedis: () => startRedis(mockCore, place('redis')),
    ceiling: (load) =>
      drive((hooks) => runWrk(load, generatorCore, folder, hooks), {
        paced: false,
        port: load.endpoint.port,
        comparable: (load.bodyBytes ?? 0) <= SMALL_BODY_BYTES && ceiling?.by === 'wrk',
      }),
    streams: (load): Promise<StreamResult> =>
      drive((hooks) => generate<Streams>('streams', load, generatorCore, hooks), {
        paced: true,
        port: load.endpoint.port,
        comparable: false,
      }),
    cpuOf: (pid, work) => meter.measure(pid, work),
    async measureCeiling() {
      const by = wrkInstalled() ? 'wrk' : 'unary';
      const load = {
        endpoint: mock.endpoint('openai'),
        dialect: 'openai',
        connections: 64,
        seconds: Math.min(3, options.seconds),
      } as const;
      const { cpuMicros, result } = await meter.measure(mock.child.pid!, () =>
        by === 'wrk' ? lab.ceiling(load) : unary(load),
      );
      if (result.requests === 0) return null;
      ceiling = { perSecond: result.perSecond, cpuMicros: cpuMicros / result.requests, by };
      return ceiling;
    },
    takeWarnings() {
      const taken = [...warnings.values()].map(({ text, times }) =>
        times === 1 ? text : `${text} (${times} times)`,
      );
      warnings.clear();
      return taken;
    },
    async clear() {
      for (const peer of [...running.values()]) await peer.stop();
      await mock.reset();
    },
  };
  return lab;
}

/** The mock stays away from the generator where there are cores for that. */
export function mockCoreOf(loadCores: readonly number[]): number {
  return loadCores.at(-1)!;
}

function serves(peer: RunningPeer, port: number): boolean {
  return (['openai>openai', 'anthropic>openai', 'openai>anthropic', 'anthropic>anthropic'] as const).some(
    (route) => peer.endpoint(route)?.port === port,
  );
}

async function startRedis(core: number, folder: string): ReturnType<Lab['startRedis']> {
  if (spawnSync('redis-server', ['--version'], { stdio: 'ignore' }).error !== undefined) return null;
  const port = await freePort();
  const args = ['--port', port, '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no', '--dir', folder];
  const child = start('redis-server', args.map(String), { cores: [core] });
  await listening(port, child);
  return { url: `redis://127.0.0.1:${port}`, pid: child.pid!, stop: () => stop(child) };
}
