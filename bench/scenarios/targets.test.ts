import { expect, test } from 'vitest';
import type { Endpoint, Lab, Peer, RunningPeer } from '../contract.ts';
import { alternate, alternateOnce, starters, withPeers } from './targets.ts';

const endpoint: Endpoint = { port: 1, path: '/', headers: {}, model: 'm' };

function peer(name: string, log: string[], options: { broken?: boolean; foreign?: boolean } = {}): Peer {
  return {
    name,
    about: '',
    routes: ['openai>openai'],
    find: async () => ({ version: '1' }),
    start: async (): Promise<RunningPeer> => {
      if (options.broken === true) throw new Error('no port');
      log.push(`start ${name}`);
      return {
        name,
        pid: 1,
        endpoint: () => (options.foreign === true ? null : endpoint),
        stop: async () => void log.push(`stop ${name}`),
      };
    },
  };
}

/** What the functions under test use of a lab. */
function lab(peers: readonly Peer[], log: string[], rounds = 2): Lab {
  const some: Omit<Partial<Lab>, 'mock'> & { mock: Partial<Lab['mock']> } = {
    rounds,
    seconds: 4,
    quick: false,
    peers: () => peers,
    start: (one: Peer) => one.start({ cores: [0], mock: {} as Lab['mock'], folder: '' }),
    say: () => undefined,
    mock: {
      set: async () => void log.push('set'),
      reset: async () => void log.push('reset'),
    },
  };
  return some as Lab;
}

test('a gateway that does not start is a note, and the others go on', async () => {
  const log: string[] = [];
  const peers = [peer('a', log), peer('b', log, { broken: true }), peer('c', log, { foreign: true })];
  const notes = await withPeers(lab(peers, log), 'openai>openai', {}, async (cast) => {
    log.push(`work ${cast.targets.map(({ name }) => name)}`);
    return cast.notes;
  });
  expect(notes).toEqual(['b did not start: no port', 'c does not serve openai>openai']);
  expect(log).toEqual(['reset', 'set', 'start a', 'start c', 'stop c', 'work a', 'stop a', 'reset']);
});

test('what was started is stopped when the work fails', async () => {
  const log: string[] = [];
  const failing = withPeers(lab([peer('a', log)], log), 'openai>openai', {}, () =>
    Promise.reject(new Error('x')),
  );
  await expect(failing).rejects.toThrow('x');
  expect(log).toContain('stop a');
});

test('targets take turns; the warm-up is shorter and not written down', async () => {
  const turns: string[] = [];
  const book = await alternate(lab([], []), [{ name: 'a' }, { name: 'b' }], async ({ name }, turn) => {
    turns.push(`${name}${turn.round}:${turn.seconds}`);
    return { values: { x: turn.round }, void: null };
  });
  expect(turns).toEqual(['a0:2', 'b0:2', 'a1:4', 'b1:4', 'a2:4', 'b2:4']);
  expect(book.rounds('a', 'x')).toEqual([1, 2]);
});

test('short turns are of a second, as many more of them', async () => {
  const turns: string[] = [];
  await alternate(
    lab([], []),
    [{ name: 'a' }, { name: 'b' }],
    async ({ name }, turn) => {
      turns.push(`${name}${turn.round}:${turn.seconds}`);
      return { values: { x: 1 }, void: null };
    },
    { short: true, seconds: 2 },
  );
  expect(turns.slice(0, 6)).toEqual(['a0:2', 'b0:2', 'a1:1', 'b1:1', 'a2:1', 'b2:1']);
  expect(turns.length).toBe(2 + 2 * 2 * 2);
});

test('a target that throws is out with its reason, and its rounds so far count', async () => {
  const book = await alternate(lab([], []), [{ name: 'a' }, { name: 'b' }], async ({ name }, { round }) => {
    if (name === 'a' && round === 2) throw new Error('gone');
    return { values: { x: round }, void: null };
  });
  expect(book.measurement('a', 'x')).toMatchObject({ value: 1, remark: 'failed in round 2: gone' });
  expect(book.rounds('b', 'x')).toEqual([1, 2]);
});

test('without rounds, too, one that fails does not stop the others', async () => {
  const notes: string[] = [];
  const seen: string[] = [];
  const targets = ['a', 'b'].map((name) => ({ name, pid: 1, endpoint, running: null }));
  await alternateOnce(lab([], []), targets, notes, async ({ name }) => {
    if (name === 'a') throw new Error('gone');
    seen.push(name);
    return '';
  });
  expect({ notes, seen }).toEqual({ notes: ['a failed: gone'], seen: ['b'] });
});

test('Headgate starts in the form of the scenario, the others as they are', async () => {
  const log: string[] = [];
  const own = async (): Promise<RunningPeer> => {
    log.push('own');
    return { name: 'headgate', pid: 1, endpoint: () => endpoint, stop: async () => undefined };
  };
  for (const [, start] of starters(
    lab([peer('headgate', log), peer('nginx', log)], log),
    'openai>openai',
    own,
  ))
    await start();
  expect(log).toEqual(['own', 'start nginx']);
});
