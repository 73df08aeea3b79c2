// The catalog over real sockets: a provider that lists its models, well or badly.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { makeProvider } from '../../tests/kit/provider-config.ts';
import type { ModelCatalog } from '../contracts/catalog.ts';
import type { ProviderConfig, ProviderKeyConfig } from '../contracts/provider-config.ts';
import type { Lane } from '../contracts/lane.ts';
import type { ListedModel, Snapshot } from '../contracts/snapshot.ts';
import { createKeyRing } from '../lanes/key-ring.ts';
import { dialectByName } from '../registry/dialects.ts';
import { createModelTable } from '../routing/model-table.ts';
import { createLeanUpstream } from '../upstream/lean-client.ts';
import { createCatalog } from './catalog.ts';
import { FIRST_RETRY_MS, REFRESH_MS } from './provider-list.ts';

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const clean of cleanups.splice(0)) await clean();
});

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

const claude = { dialect: 'anthropic', path: '', auth: { kind: 'none' } } as const;

class Provider {
  readonly requests: { url: string; headers: IncomingMessage['headers'] }[] = [];
  answer: Answer;
  url = '';
  constructor(answer: Answer) {
    this.answer = answer;
  }
}

async function serve(answer: Answer): Promise<Provider> {
  const provider = new Provider(answer);
  const server = createServer((request, response) => {
    provider.requests.push({ url: request.url ?? '', headers: request.headers });
    provider.answer(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  provider.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  cleanups.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return provider;
}

const listing =
  (...ids: string[]): Answer =>
  (_request, response) =>
    response.end(JSON.stringify({ object: 'list', data: ids.map((id) => ({ id, created: 1_700_000_000 })) }));

const key = (models: string[], value = 'k-1'): ProviderKeyConfig => ({
  value,
  weight: 1,
  models,
  alias: value,
});

const config = (name: string, baseUrl: string, change: Partial<ProviderConfig> = {}): ProviderConfig =>
  makeProvider(name, { baseUrl, keys: [key([])], models: ['gpt-*'], modelsDeclared: false, ...change });

/** A catalog with a clock of its own, and what it reported. */
class Rig {
  now = 1_000_000;
  readonly asked: (string | null)[] = [];
  readonly catalog: ModelCatalog;
  readonly #lanes = new Map<string, Lane>();

  constructor() {
    const clock = { now: () => this.now, wall: () => 0 };
    this.catalog = createCatalog({
      clock,
      random: () => 0.5,
      dialect: dialectByName,
      headers: (_speaker, used) => ({ authorization: `Bearer ${used?.config.value ?? 'none'}` }),
      asked: (_provider, fault) => this.asked.push(fault),
    });
  }

  snapshot(providers: ProviderConfig[], aliases: Record<string, { targets: string[] }> = {}): Snapshot {
    for (const provider of providers) {
      const { keys, baseUrl } = provider;
      const old = this.#lanes.get(provider.name);
      const upstream =
        old?.upstream ??
        createLeanUpstream({ baseUrl, connections: 1, connectTimeoutMs: 1000, closeTimeoutMs: 50 });
      if (old === undefined) cleanups.push(() => upstream.close());
      const ring = createKeyRing(keys, { clock: { now: () => this.now, wall: () => 0 }, random: () => 0 });
      // As a real lane: the same object through configurations.
      const lane = (old ?? {}) as { provider: ProviderConfig; upstream: typeof upstream; keys: typeof ring };
      Object.assign(lane, { provider, upstream, keys: ring, cell: () => null });
      this.#lanes.set(provider.name, lane as unknown as Lane);
    }
    const lanes = new Map(providers.map(({ name }) => [name, this.#lanes.get(name)!]));
    const models = createModelTable({
      providers,
      aliases,
      lane: (name) => lanes.get(name)!,
      dialect: dialectByName,
    });
    return { lanes, models, config: { models: aliases } } as unknown as Snapshot;
  }
}

const ids = (models: readonly ListedModel[]): string[] => models.map(({ id }) => id);

describe('a list', () => {
  it('of a provider known by its patterns alone is what it lists itself, asked once', async () => {
    const provider = await serve(listing('gpt-4o', 'o3', 'gpt-4o'));
    const rig = new Rig();
    const snapshot = rig.snapshot([config('openai', `${provider.url}/v1`)]);
    const [first, second] = await Promise.all([rig.catalog.list(snapshot), rig.catalog.list(snapshot)]);
    expect(first).toEqual([
      { id: 'openai/gpt-4o', ownedBy: 'openai', displayName: null, createdMs: 1_700_000_000_000 },
      { id: 'openai/o3', ownedBy: 'openai', displayName: null, createdMs: 1_700_000_000_000 },
    ]);
    expect(second).toEqual(first);
    // From memory now, and at once.
    expect(rig.catalog.list(snapshot)).toBe(second);
    expect(provider.requests).toHaveLength(1);
    expect(provider.requests[0]).toMatchObject({
      url: '/v1/models',
      headers: { authorization: 'Bearer k-1' },
    });
    expect(rig.asked).toEqual([null]);
  });

  it('is refreshed when it is old and somebody asks, who gets the old one', async () => {
    const provider = await serve(listing('a'));
    const rig = new Rig();
    const snapshot = rig.snapshot([config('p', provider.url)]);
    await rig.catalog.list(snapshot);
    provider.answer = listing('a', 'b');
    rig.now += REFRESH_MS - 1;
    expect(ids(await rig.catalog.list(snapshot))).toEqual(['p/a']);
    expect(provider.requests).toHaveLength(1);
    rig.now += 2;
    const stale = rig.catalog.list(snapshot);
    expect(stale).toBeInstanceOf(Array);
    expect(ids(await stale)).toEqual(['p/a']);
    await vi.waitFor(() => expect(rig.asked).toEqual([null, null]), 5_000);
    expect(ids(await rig.catalog.list(snapshot))).toEqual(['p/a', 'p/b']);
  });

  it('stays while the provider is down, which is asked less and less', async () => {
    const provider = await serve(listing('a'));
    const rig = new Rig();
    const snapshot = rig.snapshot([config('p', provider.url)]);
    await rig.catalog.list(snapshot);
    provider.answer = (_request, response) => response.writeHead(500).end();
    let waited = REFRESH_MS;
    for (let faults = 1; faults <= 4; faults++) {
      rig.now += waited - 1;
      void rig.catalog.list(snapshot);
      expect(provider.requests).toHaveLength(faults);
      rig.now += 1;
      expect(rig.catalog.list(snapshot)).toBeInstanceOf(Array);
      await vi.waitFor(() => expect(rig.asked).toHaveLength(faults + 1), 5_000);
      expect(rig.asked.at(-1)).toBe('status_500');
      expect(ids(await rig.catalog.list(snapshot))).toEqual(['p/a']);
      waited = FIRST_RETRY_MS * 2 ** (faults - 1);
    }
  });

  it('is not waited for longer than two seconds, and comes when it comes', async () => {
    let release = () => {};
    const provider = await serve((request, response) => {
      release = () => listing('late')(request, response);
    });
    const rig = new Rig();
    const snapshot = rig.snapshot([config('p', provider.url)]);
    const first = rig.catalog.list(snapshot);
    expect(first).toBeInstanceOf(Promise);
    await vi.waitFor(() => expect(provider.requests).toHaveLength(1), 5_000);
    // Who comes later has that much less to wait.
    rig.now += 2_000;
    expect(rig.catalog.list(snapshot)).toEqual([]);
    expect(ids(await first)).toEqual([]);
    release();
    await vi.waitFor(() => expect(rig.asked).toEqual([null]), 5_000);
    expect(ids(await rig.catalog.list(snapshot))).toEqual(['p/late']);
  });

  it('of one provider does not fail with another', async () => {
    const good = await serve(listing('a'));
    const bad = await serve((request) => request.socket.destroy());
    const rig = new Rig();
    const snapshot = rig.snapshot([
      config('bad', bad.url),
      config('off', 'http://127.0.0.1:9'),
      config('good', good.url),
    ]);
    expect(ids(await rig.catalog.list(snapshot))).toEqual(['good/a']);
    expect([...rig.asked].sort()).toEqual([null, 'provider_connect', 'provider_connect'].sort());
  });

  it('has aliases and declared models first, each once', async () => {
    const provider = await serve(listing('a', 'b', 'c'));
    const named = await serve(listing('x'));
    const rig = new Rig();
    const snapshot = rig.snapshot(
      [
        config('named', named.url, { models: ['one', 'more-*'], modelsDeclared: true }),
        config('p', provider.url, { keys: [key(['b']), key([], 'k-2')] }),
      ],
      { fast: { targets: ['p/a'] } },
    );
    expect(ids(await rig.catalog.list(snapshot))).toEqual(['fast', 'named/one', 'p/b', 'p/a', 'p/c']);
    // A list that the operator wrote is the list.
    expect(named.requests).toHaveLength(0);
    expect(provider.requests[0]?.headers['authorization']).toBe('Bearer k-2');
  });

  it('has what calls may use: the patterns an operator wrote, and those of the keys', async () => {
    const provider = await serve(listing('gpt-4o', 'gpt-5', 'embed-1', 'o3'));
    const rig = new Rig();
    const declared = config('d', provider.url, { models: ['gpt-*', 'embed-*'], modelsDeclared: true });
    const limited = config('k', provider.url, { keys: [key(['gpt-5*', 'o*'])] });
    const snapshot = rig.snapshot([declared, limited]);
    expect(ids(await rig.catalog.list(snapshot))).toEqual([
      'd/gpt-4o',
      'd/gpt-5',
      'd/embed-1',
      'k/gpt-5',
      'k/o3',
    ]);
    for (const id of ['d/o3', 'k/gpt-4o']) {
      expect(rig.catalog.find(snapshot, id, 'openai-chat', null)).toBeNull();
    }
  });

  it('is asked for page by page in the dialect of the provider', async () => {
    const pages = [
      {
        data: [{ id: 'c1', display_name: 'C 1', created_at: '2026-01-01T00:00:00Z' }, { id: 'c2' }],
        has_more: true,
        last_id: 'c2',
      },
      { data: [{ id: 'c3' }], has_more: false, last_id: 'c3' },
    ];
    const provider = await serve((request, response) => {
      response.end(JSON.stringify(pages[request.url?.includes('after_id') === true ? 1 : 0]));
    });
    const rig = new Rig();
    const snapshot = rig.snapshot([
      config('an', provider.url, { speaks: [{ ...claude, path: '/claude' }], models: ['claude-*'] }),
    ]);
    expect(ids(await rig.catalog.list(snapshot))).toEqual(['an/c1', 'an/c2', 'an/c3']);
    expect(provider.requests.map(({ url }) => url)).toEqual([
      '/claude/v1/models?limit=1000',
      '/claude/v1/models?limit=1000&after_id=c2',
    ]);
    expect(rig.catalog.find(snapshot, 'an/c1', 'anthropic', null)).toMatchObject({
      displayName: 'C 1',
      createdMs: Date.UTC(2026, 0, 1),
    });
  });

  it('ends, whatever the provider does with pages', async () => {
    const provider = await serve((_request, response) => {
      response.end(JSON.stringify({ data: [{ id: 'same' }], has_more: true, last_id: 'same' }));
    });
    const rig = new Rig();
    const snapshot = rig.snapshot([config('an', provider.url, { speaks: [claude] })]);
    expect(ids(await rig.catalog.list(snapshot))).toEqual(['an/same']);
    expect(provider.requests).toHaveLength(2);
  });

  it('is bounded', async () => {
    const many = Array.from({ length: 6_000 }, (_, nth) => `m${nth}`);
    const provider = await serve(listing(...many));
    const rig = new Rig();
    expect(await rig.catalog.list(rig.snapshot([config('p', provider.url)]))).toHaveLength(5_000);
    provider.answer = (_request, response) =>
      response.end(`{"data":[${'{"id":"x"},'.repeat(500_000)}{"id":"y"}]}`);
    const other = rig.snapshot([config('big', `${provider.url}/`)]);
    expect(await rig.catalog.list(other)).toEqual([]);
    expect(rig.asked).toEqual([null, 'too_large']);
  });

  it.each<[string, Answer, string]>([
    ['no JSON', (_request, response) => response.end('<html>'), 'not_json'],
    ['no list', (_request, response) => response.end('{"error":{}}'), 'not_a_list'],
    ['not there', (_request, response) => response.writeHead(404).end('{}'), 'status_404'],
    ['elsewhere', (_request, response) => response.writeHead(307, { location: '/x' }).end(), 'status_307'],
    [
      'cut',
      (_request, response) => {
        response.writeHead(200, { 'content-length': '99' });
        response.write('{');
        setTimeout(() => response.destroy(), 20);
      },
      'provider_truncated',
    ],
  ])('that is %s is none, and the fault is told', async (_name, answer, fault) => {
    const provider = await serve(answer);
    const rig = new Rig();
    expect(await rig.catalog.list(rig.snapshot([config('p', provider.url)]))).toEqual([]);
    expect(rig.asked).toEqual([fault]);
  });

  it('that cannot be read has a few well-known names in its place, of the providers that have some', async () => {
    const provider = await serve((_request, response) => response.end('{"id":"m1","type":"message"}'));
    const rig = new Rig();
    const snapshot = rig.snapshot([
      config('openai', provider.url, { keys: [key(['gpt-4o*', 'o3'])] }),
      config('anthropic', provider.url, { models: ['*'], modelsDeclared: true }),
      config('custom', provider.url),
    ]);
    expect(ids(await rig.catalog.list(snapshot))).toEqual([
      'openai/o3',
      'openai/gpt-4o',
      'openai/gpt-4o-mini',
    ]);
    // They are gone with the first list of its own.
    provider.answer = listing('gpt-4o-2026', 'o3');
    rig.now += 2 * FIRST_RETRY_MS;
    void rig.catalog.list(snapshot);
    await vi.waitFor(() => expect(rig.asked).toHaveLength(6), 5_000);
    expect(ids(await rig.catalog.list(snapshot))).toEqual([
      'openai/o3',
      'openai/gpt-4o-2026',
      'anthropic/gpt-4o-2026',
      'anthropic/o3',
      'custom/gpt-4o-2026',
      'custom/o3',
    ]);
  });

  it('is asked for anew when a new configuration has what was missing', async () => {
    const provider = await serve((request, response) => {
      if (request.headers.authorization === 'Bearer good') listing('a')(request, response);
      else response.writeHead(401).end();
    });
    const rig = new Rig();
    const before = rig.snapshot([config('p', provider.url, { keys: [key([], 'bad')] })]);
    expect(await rig.catalog.list(before)).toEqual([]);
    expect(await rig.catalog.list(before)).toEqual([]);
    expect(provider.requests).toHaveLength(1);
    const after = rig.snapshot([config('p', provider.url, { keys: [key([], 'good')] })]);
    expect(ids(await rig.catalog.list(after))).toEqual(['p/a']);
  });
});

describe('a card', () => {
  const snapshot = (rig: Rig) =>
    rig.snapshot(
      [
        config('openai', 'http://127.0.0.1:9/v1'),
        config('any', 'http://127.0.0.1:9', { models: ['*', 'small'], modelsDeclared: true }),
      ],
      { fast: { targets: ['openai/gpt-4o'] }, 'team/fast': { targets: ['any/small'] } },
    );

  it.each([
    ['gpt-4o', 'openai'],
    ['openai/gpt-4o', 'openai'],
    ['openai/whatever', 'openai'],
    ['small', 'any'],
    ['any/with/slashes', 'any'],
    ['unheard-of', 'any'],
    ['fast', 'headgate'],
    ['team/fast', 'headgate'],
  ])('%s is there, of %s, as asked for, and no provider is asked', (id, ownedBy) => {
    const rig = new Rig();
    expect(rig.catalog.find(snapshot(rig), id, 'openai-chat', null)).toMatchObject({ id, ownedBy });
    expect(rig.asked).toEqual([]);
  });

  it('is of the provider that the path names', () => {
    const rig = new Rig();
    expect(rig.catalog.find(snapshot(rig), 'gpt-4o', 'openai-chat', 'any')).toMatchObject({ ownedBy: 'any' });
  });

  it('is not there where a call would be refused', () => {
    const rig = new Rig();
    const two = rig.snapshot([
      config('a', 'http://127.0.0.1:9'),
      config('b', 'http://127.0.0.1:9', { models: ['m'], modelsDeclared: true }),
    ]);
    for (const id of ['unheard-of', 'b/other', 'nobody/m']) {
      expect(rig.catalog.find(two, id, 'openai-chat', null)).toBeNull();
    }
  });
});
