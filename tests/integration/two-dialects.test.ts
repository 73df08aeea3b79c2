// A provider that speaks several dialects (a gateway before ours, a local server) is asked in the client's own.
import { expect, test } from 'vitest';
import { call, chatPath, messagesPath } from '../kit/client.ts';
import { useGateway } from '../kit/harness.ts';
import { upstreamKeys } from '../kit/test-config.ts';

const harness = useGateway(({ anthropicUrl }) => ({
  providers: {
    both: {
      dialect: ['openai-chat', 'anthropic'],
      baseUrl: anthropicUrl,
      paths: { 'openai-chat': '/v1' },
      keys: [upstreamKeys.oa],
      retries: { max: 0 },
    },
  },
}));

const messages = [{ role: 'user', content: 'hi' }];

test.each([
  ['OpenAI', chatPath, '/v1/chat/completions', 'authorization', `Bearer ${upstreamKeys.oa}`],
  ['Anthropic', messagesPath, '/v1/messages', 'x-api-key', upstreamKeys.oa],
])(
  "%s: the request goes up as it came, under that dialect's path and header",
  async (_, path, asked, header, key) => {
    const body = `{ "model":"both/ok","max_tokens": 9,"x_own":1.0,"messages":${JSON.stringify(messages)} }`;
    const answer = await call(harness, path, { body });
    expect(answer.status).toBe(200);
    const request = harness.mock.lastRequest();
    expect(request.path).toBe(asked);
    expect(request.headers[header]).toBe(key);
    expect(request.body.toString()).toBe(body.replace('both/ok', 'ok'));
  },
);
