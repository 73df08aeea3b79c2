// What programs people point at a gateway rely on beside their vendor's SDK, and no other file says: how they find models, try a key,
// say who asks, and which of their headers and members belong together.
import { describe, expect, test } from 'vitest';
import { call, chatBody, chatPath, messagesPath } from '../kit/client.ts';
import { gateKey } from '../kit/gateway.ts';
import { useGateway } from '../kit/harness.ts';
import { pick } from '../kit/json.ts';

const harness = useGateway({
  dialects: true,
  models: {
    'gpt-6': { targets: ['oa/ok'] },
    'gpt-4o-mini': { targets: ['an/ok'] },
    limited: { targets: ['oa/ok'] },
  },
  rest: {
    auth: { keys: [gateKey], customerHeader: 'x-openwebui-user-email' },
    limits: [{ per: 'customer', requests: '1/d', match: { model: 'limited' } }],
  },
});
const last = () => harness.mock.lastRequest();
const idsOf = (json: unknown): string[] => (pick(json, 'data') as { id: string }[]).map(({ id }) => id);
const plainText = 'Hello from the mock provider, all is well.';

describe('Claude Code', () => {
  const version = { 'anthropic-version': '2023-06-01' };
  const attribution = { type: 'text', text: 'x-anthropic-billing-header: cc_version=2.1.332; cch=1f4a;' };
  const asked = (model: string) => ({
    model,
    max_tokens: 50,
    system: [attribution, { type: 'text', text: 'Be brief.', cache_control: { type: 'ephemeral' } }],
    messages: [{ role: 'user', content: 'hi' }],
    context_management: { edits: [{ type: 'clear_tool_uses_20250919' }] },
  });
  const betas = { ...version, 'anthropic-beta': 'context-management-2025-06-27,oauth-2025-04-20' };

  test('finds a model of another vendor under a name that begins as its own, and is served by it', async () => {
    const headers = { ...version, 'user-agent': 'claude-cli/2.1.332 (external, cli)' };
    const list = await call(harness, '/v1/models?limit=1000', { headers });
    expect(idsOf(list.json).filter((id) => !/^(?:claude|anthropic)/.test(id))).toEqual([]);
    expect(idsOf(list.json)).toContain('claude-hg-gpt-6');
    const card = await call(harness, '/v1/models/claude-hg-gpt-6', { headers });
    expect(card.status).toBe(200);
    expect(card.json).toMatchObject({ id: 'claude-hg-gpt-6' });
    const answer = await call(harness, `${messagesPath}?beta=true`, {
      headers: version,
      body: { ...asked('claude-hg-gpt-6'), context_management: undefined },
    });
    expect(pick(answer.json, 'content.0.text')).toBe(plainText);
    expect(last().path).toBe(chatPath);
  });

  test('reaches Anthropic with every header of its own, and its body byte for byte', async () => {
    const headers = { ...betas, 'anthropic-workspace-id': 'wrkspc_1', 'anthropic-of-tomorrow': 'x' };
    const body = JSON.stringify({ ...asked('an/ok+lax'), of_tomorrow: { a: 1 } }).replace(
      '"hi"',
      '"h\\u0069"',
    );
    const answer = await call(harness, `${messagesPath}?beta=true`, { headers, body });
    expect(answer.status).toBe(200);
    expect(last().headers).toMatchObject(headers);
    expect(last().body.toString()).toBe(body.replace('an/ok', 'ok'));
  });

  test.each(['oa', 'be'])(
    'takes both halves of a beta along to Anthropic alone, not to %s',
    async (provider) => {
      const answer = await call(harness, messagesPath, { headers: betas, body: asked(`${provider}/ok`) });
      expect(answer.status).toBe(200);
      expect(last().headers).not.toHaveProperty('anthropic-beta');
      expect(last().body.toString()).not.toMatch(/context_management|anthropic_beta/);
      expect(answer.headers['x-headgate-dropped']).toContain('context_management');
    },
  );

  test('reads a refusal of Anthropic in its own bytes', async () => {
    const refused = await call(harness, messagesPath, { headers: version, body: asked('an/status:400+lax') });
    const direct = await call({ url: harness.mock.anthropicUrl }, messagesPath, {
      headers: version,
      body: asked('status:400+lax'),
    });
    expect(refused.status).toBe(400);
    const withoutId = (text: string) => text.replace(/"request_id": ?"[^"]*"/, '');
    expect(withoutId(refused.text)).toBe(withoutId(direct.text));
  });
});

test('Codex asks for models with its version in the query, and gets a list', async () => {
  const list = await call(harness, '/v1/models?client_version=0.171.0');
  expect(list.status).toBe(200);
  expect(idsOf(list.json)).toContain('gpt-4o-mini');
});

test('n8n tries a key on the list of models: a wrong one is told', async () => {
  for (const path of ['/models', '/v1/models']) {
    expect((await call(harness, path)).status).toBe(200);
    const wrong = await call(harness, path, { key: 'hg-of-nobody-0123456789abcdef' });
    expect(wrong.status).toBe(401);
    expect(pick(wrong.json, 'error.code')).toBe('invalid_api_key');
  }
});

test('Open WebUI says who asks in a header, and each of its users is counted apart', async () => {
  const ask = (email: string) =>
    call(harness, '/chat/completions', {
      headers: { 'x-openwebui-user-email': email, 'x-openwebui-chat-id': 'c1' },
      body: chatBody('limited'),
    });
  expect((await ask('ann@example.com')).status).toBe(200);
  expect((await ask('ann@example.com')).status).toBe(429);
  expect((await ask('ben@example.com')).status).toBe(200);
  // Whoever it is stays here.
  expect(last().head).not.toContain('example.com');
});

test('LlamaIndex knows names of OpenAI alone: one of them leads where the configuration says', async () => {
  const answer = await call(harness, chatPath, { body: chatBody('gpt-4o-mini') });
  expect(pick(answer.json, 'choices.0.message.content')).toBe(plainText);
  expect(last().path).toBe(messagesPath);
});

test('Continue completes code on /completions', async () => {
  const body = { model: 'oa/ok', prompt: 'def f(', suffix: 'return 1', max_tokens: 20, stop: ['\n\n'] };
  const answer = await call(harness, '/completions', { body });
  expect(pick(answer.json, 'object')).toBe('text_completion');
  expect(last().path).toBe('/v1/completions');
  expect(pick(last().json, 'suffix')).toBe('return 1');
});

test.each(['/chat/completions', '/responses'])(
  'Cline, by either kind of provider, is answered on %s',
  async (path) => {
    const asked = path === '/responses' ? { input: 'hi' } : { messages: [{ role: 'user', content: 'hi' }] };
    const answer = await call(harness, path, { body: { model: 'an/ok', stream: true, ...asked } });
    expect(answer.status).toBe(200);
    expect(answer.text).toContain('provider');
  },
);
