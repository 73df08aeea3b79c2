// Invocations that AWS makes later, by the real `@aws-sdk/client-bedrock-runtime`: begun, looked at and listed, each tenant's own.
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  AccessDeniedException,
  BedrockRuntimeClient,
  GetAsyncInvokeCommand,
  ListAsyncInvokesCommand,
  paginateListAsyncInvokes,
  ResourceNotFoundException,
  StartAsyncInvokeCommand,
  ThrottlingException,
} from '@aws-sdk/client-bedrock-runtime';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { type GatewayProcess, startGateway } from '../kit/gateway.ts';
import { awsPair, signatureComplaint } from '../kit/mock-bedrock.ts';

const KEYS = {
  mine: 'hg-mine-key-0123456789abcdef0123456789abcdef',
  yours: 'hg-yours-key-0123456789abcdef0123456789abcde',
  few: 'hg-few-key-0123456789abcdef0123456789abcdef01',
  slow: 'hg-slow-key-0123456789abcdef0123456789abcdef',
};
const REEL = 'amazon.nova-reel-v1:1';
/** Of one page, whatever is asked. */
const PAGE = 2;

let upstream: Server;
let gateway: GatewayProcess;
let seen: string[] = [];
let invocations: { invocationArn: string; modelArn: string; status: string; token: string }[] = [];

const arnOf = (at: number): string =>
  `arn:aws:bedrock:eu-west-1:123456789012:async-invoke/${12_345_000 + at}abcd`;

function answer(method: string, url: URL, body: string): [status: number, json: object] {
  const [, , name] = url.pathname.split('/');
  if (method === 'POST') {
    const { modelId, clientRequestToken: token } = JSON.parse(body) as Record<string, string>;
    const known = invocations.find((one) => one.token === token);
    const invocationArn = known?.invocationArn ?? arnOf(invocations.length);
    if (known === undefined)
      invocations.push({
        invocationArn,
        modelArn: `arn:aws:bedrock:eu-west-1::foundation-model/${modelId}`,
        status: 'InProgress',
        token: token!,
      });
    return [200, { invocationArn }];
  }
  const told = invocations.map(({ token: _, ...one }) => ({
    ...one,
    submitTime: '2026-01-02T03:04:05Z',
    outputDataConfig: { s3OutputDataConfig: { s3Uri: 's3://bucket/key' } },
  }));
  if (name !== undefined) {
    const found = told.find(({ invocationArn }) => invocationArn === decodeURIComponent(name));
    return found === undefined ? [404, { message: 'no such invocation' }] : [200, found];
  }
  const from = Number(url.searchParams.get('nextToken')?.replace(/^from = /, '') ?? 0);
  const nextToken = from + PAGE < told.length ? `from = ${from + PAGE}` : undefined;
  return [200, { asyncInvokeSummaries: told.slice(from, from + PAGE), nextToken }];
}

beforeAll(async () => {
  upstream = createServer((request, response) => {
    let body = '';
    request.on('data', (piece: Buffer) => (body += piece.toString()));
    request.on('end', () => {
      const { method = '', url = '', headers } = request;
      seen.push(`${method} ${url}`);
      void signatureComplaint(
        { method, target: url, headers: headers as Record<string, string>, body: Buffer.from(body) },
        0,
      ).then((fault) => {
        const [status, json] =
          fault === null && headers.authorization?.startsWith('AWS4-') === true
            ? answer(method, new URL(url, 'http://x'), body)
            : [403, { message: `The request signature is wrong: ${fault?.message}` }];
        response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(json));
      });
    });
  });
  upstream.keepAliveTimeout = 0;
  upstream.listen(0, '127.0.0.1');
  await once(upstream, 'listening');
  gateway = await startGateway({
    workers: 1,
    config: {
      auth: {
        keys: [
          { name: 'mine', value: KEYS.mine },
          { name: 'yours', value: KEYS.yours },
          { name: 'few', value: KEYS.few, models: [REEL] },
          { name: 'slow', value: KEYS.slow, limits: [{ requests: '1/d', burst: 1 }] },
        ],
      },
      providers: {
        bedrock: {
          baseUrl: `http://127.0.0.1:${(upstream.address() as AddressInfo).port}`,
          region: 'eu-west-1',
          keys: [awsPair],
          models: ['*'],
          retries: { max: 0 },
        },
      },
    },
  });
});
afterAll(async () => {
  for (const client of clients.values()) client.destroy();
  await gateway?.stop();
  upstream?.closeAllConnections();
  upstream?.close();
});
beforeEach(() => {
  seen = [];
  invocations = [];
});

const clients = new Map<string, BedrockRuntimeClient>();
function as(who: keyof typeof KEYS, below = ''): BedrockRuntimeClient {
  const name = who + below;
  let client = clients.get(name);
  if (client === undefined)
    clients.set(
      name,
      (client = new BedrockRuntimeClient({
        region: 'eu-central-1',
        endpoint: gateway.url + below,
        maxAttempts: 1,
        requestHandler: new NodeHttpHandler(),
        token: { token: KEYS[who] },
        authSchemePreference: ['httpBearerAuth'],
      })),
    );
  return client;
}

async function begin(client: BedrockRuntimeClient, modelId = REEL, token?: string): Promise<string> {
  const { invocationArn } = await client.send(
    new StartAsyncInvokeCommand({
      modelId,
      modelInput: { taskType: 'TEXT_VIDEO' },
      outputDataConfig: { s3OutputDataConfig: { s3Uri: 's3://bucket/key' } },
      ...(token !== undefined && { clientRequestToken: token }),
    }),
  );
  return invocationArn!;
}
const look = (client: BedrockRuntimeClient, invocationArn: string) =>
  client.send(new GetAsyncInvokeCommand({ invocationArn }));

test.each(['', '/bedrock', '/passthrough/bedrock'])('is its maker’s alone, below "%s"', async (below) => {
  const arn = await begin(as('mine', below));
  expect(await look(as('mine', below), arn)).toMatchObject({ invocationArn: arn, status: 'InProgress' });
  seen = [];
  await expect(look(as('yours', below), arn)).rejects.toBeInstanceOf(ResourceNotFoundException);
  // Nor by a name that AWS does not take.
  await expect(look(as('yours', below), arn.split('/')[1]!)).rejects.toBeInstanceOf(
    ResourceNotFoundException,
  );
  await expect(look(as('yours', below), encodeURIComponent(arn))).rejects.toBeInstanceOf(
    ResourceNotFoundException,
  );
  expect(seen).toEqual([]);
});

test('is listed to its maker, from as many pages as it takes', async () => {
  for (let at = 0; at < 5; at++) await begin(as('mine'));
  const own = await begin(as('yours'));
  for (let at = 0; at < 3; at++) await begin(as('mine'));
  const last = await begin(as('yours'));
  seen = [];
  const first = await as('yours').send(new ListAsyncInvokesCommand({ maxResults: PAGE }));
  // The first page that has any: an empty one would end what a client goes through by itself.
  expect(first.asyncInvokeSummaries?.map(({ invocationArn }) => invocationArn)).toEqual([own]);
  expect(first.nextToken).toBe('from = 6');
  expect(seen).toHaveLength(3);
  const all: (string | undefined)[] = [];
  for await (const page of paginateListAsyncInvokes({ client: as('yours') }, { statusEquals: 'InProgress' }))
    for (const one of page.asyncInvokeSummaries ?? []) all.push(one.invocationArn);
  expect(all).toEqual([own, last]);
  expect(seen.every((asked) => asked.startsWith('GET /async-invoke'))).toBe(true);
  expect(seen.slice(3).every((asked) => asked.includes('statusEquals=InProgress'))).toBe(true);
});

test('stays whose it was where another says the same token', async () => {
  const arn = await begin(as('mine'), REEL, 'the-same-token');
  expect(await begin(as('yours'), REEL, 'the-same-token')).toBe(arn);
  await expect(look(as('yours'), arn)).rejects.toBeInstanceOf(ResourceNotFoundException);
  expect((await look(as('mine'), arn)).invocationArn).toBe(arn);
});

test('is begun with the models that a key may use, and no more often', async () => {
  await begin(as('few'));
  await begin(as('few'), `arn:aws:bedrock:eu-west-1::foundation-model/${REEL}`);
  seen = [];
  await expect(begin(as('few'), 'luma.ray-v2:0')).rejects.toBeInstanceOf(AccessDeniedException);
  await begin(as('slow'));
  await expect(begin(as('slow'))).rejects.toBeInstanceOf(ThrottlingException);
  expect(seen).toHaveLength(1);
});
