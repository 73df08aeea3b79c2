// Names: one provider whose look-ups hang, or fail, takes nothing from the others; the log says what is wrong.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { call, chatBody, chatPath } from '../kit/client.ts';
import { type DnsServer, startDnsServer } from '../kit/dns-server.ts';
import { type GatewayProcess, startGateway } from '../kit/gateway.ts';
import { pick } from '../kit/json.ts';
import { type MockUpstream, startMock } from '../kit/mock-upstream.ts';
import { freePort } from '../kit/port.ts';
import { testConfig } from '../kit/test-config.ts';
import { waitUntil } from '../kit/wait.ts';

let mock: MockUpstream;
let dns: DnsServer;
let gateway: GatewayProcess;
let closedPort = 0;

beforeAll(async () => {
  mock = await startMock();
  closedPort = await freePort();
  dns = await startDnsServer({
    'good.test': { a: ['127.0.0.1'], ttl: 1 },
    'dead.test': 'silent',
    'llm.inference.svc.cluster.local': { a: ['127.0.0.1'] },
  });
  const provider = (baseUrl: string): object => ({ dialect: 'openai-chat', baseUrl, retries: { max: 0 } });
  gateway = await startGateway({
    workers: 2,
    env: { HEADGATE_DNS_SERVERS: dns.address },
    config: testConfig(mock, {
      providers: {
        good: provider(`http://good.test:${mock.port}/v1`),
        dead: provider(`http://dead.test:${mock.port}/v1`),
        gone: provider(`http://gone.test:${mock.port}/v1`),
        closed: provider(`http://good.test:${closedPort}/v1`),
        // Node's own look-ups would have found neither.
        pod: provider(`http://llm.inference.svc.cluster.local:${mock.port}/v1`),
      },
      models: {
        'spill-dead': { targets: ['dead/x', 'good/ok'] },
        'spill-gone': { targets: ['gone/x', 'good/ok'] },
      },
    }),
  });
});

afterAll(async () => {
  await gateway?.stop(3_000);
  await mock?.close();
  dns?.close();
});

/** Of the provider whose name is looked up for ever. */
const CALLS = 60;
const chat = (model: string) => call(gateway, chatPath, { body: chatBody(model) });
const failuresOf = (provider: string): Record<string, unknown>[] =>
  gateway
    .logs()
    .filter((line) => line['msg'] === 'cannot connect to the provider' && line['provider'] === provider);

describe('U15: a provider whose name is looked up for ever', () => {
  test('fails by itself, and every other lane answers meanwhile', async () => {
    // Who stands still for as long as a look-up lasts answers no other lane meanwhile; another time it does.
    const meanwhile = async (): Promise<boolean> => {
      let ended = 0;
      dns.asked.length = 0;
      const dead = Array.from({ length: CALLS }, () => chat('dead/x').finally(() => ended++));
      await waitUntil(() => dns.asked.some((question) => question.endsWith('dead.test')), 'the question');
      const answers = await Promise.all(
        ['good/ok', 'pod/ok', 'oa/ok'].flatMap((model) => Array.from({ length: 8 }, () => chat(model))),
      );
      const during = ended === 0;
      expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200));
      for (const answer of await Promise.all(dead)) {
        expect(answer.status).toBe(502);
        expect(pick(answer.json, 'error.message')).toBe("The provider's host name could not be resolved.");
        expect(answer.text).not.toContain('dead.test');
      }
      // Two workers, each with one look-up at a time, which asks several times.
      expect(dns.asked.filter((question) => question === 'A dead.test').length).toBeLessThan(CALLS);
      return during;
    };
    await waitUntil(meanwhile, 'answers while a name is looked up');
    await waitUntil(() => failuresOf('dead').length > 0, 'the line of the failure');
    expect(failuresOf('dead')[0]).toMatchObject({
      reason: 'EAI_AGAIN',
      upstream: `dead.test:${mock.port}`,
      stage: 'name',
    });
    // Once a second and worker, not once a call.
    expect(failuresOf('dead').length).toBeLessThan(CALLS);
  });

  test.each(['spill-dead', 'spill-gone'])('%s: the next target answers', async (model) => {
    const answer = await chat(model);
    expect(answer.status).toBe(200);
    expect(answer.headers['x-headgate-provider'] ?? 'good').toBe('good');
  });
});

test('a provider that was reached is reached while the name servers are silent', async () => {
  // By each worker: one that never was told the name has nothing to go by. Which of them takes a connection is the kernel's choice.
  const reached = await Promise.all(Array.from({ length: 32 }, () => chat('good/ok')));
  expect(reached.map(({ status }) => status)).toEqual(reached.map(() => 200));
  dns.zone = { ...dns.zone, 'good.test': 'silent' };
  // Its time to live of a second and the connection's own three are over.
  await new Promise((resolve) => setTimeout(resolve, 3_500));
  const before = mock.connections.accepted;
  await waitUntil(
    async () => {
      const { status, text } = await chat('good/ok');
      expect(status, text + JSON.stringify(failuresOf('good'))).toBe(200);
      return mock.connections.accepted > before;
    },
    'another connection',
    20_000,
    3_500,
  );
});

test('a refused connection stands in the log with errno, host and port, and not in the answer', async () => {
  dns.zone = { ...dns.zone, 'good.test': { a: ['127.0.0.1'], ttl: 1 } };
  const answer = await chat('closed/x');
  expect(pick(answer.json, 'error.message')).toBe('The provider could not be reached.');
  expect(answer.text).not.toContain(String(closedPort));
  await waitUntil(() => failuresOf('closed').length > 0, 'the line', 3_000);
  expect(failuresOf('closed')[0]).toMatchObject({
    level: 'warn',
    reason: 'ECONNREFUSED',
    upstream: `good.test:${closedPort}`,
    detail: `connect ECONNREFUSED 127.0.0.1:${closedPort}`,
  });
});
