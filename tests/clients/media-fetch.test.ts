// Pictures by address through the gateway to vendors that take bytes alone: it fetches them, from this machine in these tests.
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import OpenAI from 'openai';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { gateKey } from '../kit/gateway.ts';
import { useGateway } from '../kit/harness.ts';
import { pick } from '../kit/json.ts';

const mediaFetch = { enabled: true, plainHttp: true, privateNetworks: true };
const harness = useGateway({ dialects: true, rest: { mediaFetch } });
let openai: OpenAI;
beforeAll(() => {
  openai = new OpenAI({ baseURL: `${harness.url}/v1`, apiKey: gateKey, maxRetries: 0 });
});

const pixel =
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';
const sent = (path: string): unknown => pick(harness.mock.lastRequest().json, path);

describe('a picture by address', () => {
  let files: Server;
  const at = (path: string): string => `http://localhost:${(files.address() as AddressInfo).port}${path}`;
  const ask = (model: string, url: string) =>
    openai.chat.completions.create({
      model,
      messages: [
        {
          role: 'user',
          content: [
            { type: 'text', text: 'What is it?' },
            { type: 'image_url', image_url: { url } },
          ],
        },
      ],
    });
  beforeAll(async () => {
    files = createServer(({ url }, response) => {
      if (url === '/gone') response.writeHead(404).end();
      else response.writeHead(200, { 'content-type': 'image/png' }).end(Buffer.from(pixel, 'base64'));
    });
    await new Promise<void>((resolve) => files.listen(0, '127.0.0.1', resolve));
  });
  afterAll(() => void files.close());

  test('reaches vendors that take bytes alone as bytes', async () => {
    const { response } = await ask('ge/ok', at('/a')).withResponse();
    expect(sent('contents.0.parts.1')).toEqual({ inlineData: { mimeType: 'image/png', data: pixel } });
    expect(response.headers.get('x-headgate-adapted')).toContain('messages[].content[].url');
    await ask('be/ok', at('/a'));
    expect(sent('messages.0.content.1')).toEqual({ image: { format: 'png', source: { bytes: pixel } } });
    await ask('an/ok', 'https://example.com/a');
    expect(sent('messages.0.content.1.source')).toEqual({ type: 'url', url: 'https://example.com/a' });
  });

  test('that cannot be had is a refusal that says why', async () => {
    const before = harness.mock.requests.length;
    await expect(ask('ge/ok', at('/gone'))).rejects.toMatchObject({
      status: 400,
      message: expect.stringContaining('could not be fetched: its server answered 404'),
    });
    await expect(ask('be/ok', 'http://169.254.169.254/latest')).rejects.toMatchObject({
      status: 400,
      message: expect.stringContaining('nothing is fetched from its host'),
    });
    expect(harness.mock.requests).toHaveLength(before);
  });
});
