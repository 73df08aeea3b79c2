// A key that denies single models reached one through requests whose model its provider alone knows: stored prompts, batches, whatever
// is handed on. Such a request needs a key that may use all of that provider's models.
import { describe, expect, test } from 'vitest';
import { fakeCall, fakeProvider } from '../../../tests/kit/fake-call.ts';
import type { Call } from '../../contracts/call.ts';
import { GatewayError } from '../../contracts/errors.ts';
import type { OperationName } from '../../contracts/operation.ts';
import type { ModelRoute } from '../../contracts/route.ts';
import { createPrincipalMaker } from '../../governance/principal.ts';
import { routes } from '../../http/routes/routes.ts';
import { dialectByName } from '../../registry/dialects.ts';
import { operations } from '../../registry/operations.ts';
import { planOf, tiersInOrder } from '../../routing/plan-tiers.ts';
import { permit } from './permit.ts';

const principalOf = createPrincipalMaker();

interface Asked {
  operation?: OperationName;
  method?: string;
  template?: string;
  provider?: string;
  /** Of the target; '' = its provider alone knows. */
  model?: string;
  /** Public name; absent = the target's own. */
  alias?: string;
  body?: object;
  raw?: string;
}

function asked(models: string[], { provider = 'openai', model = '', ...more }: Asked = {}): unknown {
  const { target } = fakeProvider(provider, dialectByName('openai-chat'));
  const { operation = 'chat', method = 'POST', template = '/v1/x', alias, body = {} } = more;
  const { call } = fakeCall('openai-chat', body, [], {}, operation);
  Object.assign(call.head, { method });
  Object.assign(call, {
    snapshot: { ...call.snapshot, config: { ...call.snapshot.config, models: {} } },
  });
  Object.assign(call.route, { template });
  if (more.raw !== undefined) Object.assign(call, fakeBody(more.raw));
  const label = `${provider}/${model || '*'}`;
  call.principal = principalOf({ name: 'key', grants: [{ models }] });
  call.plan = planOf(alias ?? label, tiersInOrder([{ ...target, model, label }]));
  const result = permit(call);
  return result instanceof GatewayError ? `${result.status} ${result.param ?? '-'}` : result;
}

function fakeBody(text: string): Pick<Call, 'body' | 'facts'> {
  const { call } = fakeCall('openai-chat', JSON.parse(text) as object, []);
  const body = Buffer.from(text);
  return { body, facts: { ...call.facts!, members: membersOf(text) } };
}

/** Places of the members of a flat object without spaces. */
function membersOf(text: string): number[] {
  const members: number[] = [];
  for (const found of text.matchAll(/("[^"]*"):(\[[^\]]*\]|"[^"]*")/g)) {
    const key = found.index;
    const value = key + found[1]!.length + 1;
    members.push(key, key + found[1]!.length, value, value + found[2]!.length);
  }
  return members;
}

describe('a request whose model its provider alone knows', () => {
  test.each<[models: string[], may: boolean]>([
    [['*', '!openai/o3'], false],
    [['!o3'], false],
    [['openai/*', '!*-preview'], false],
    [['openai/*', '!o*/o3'], false],
    [['openai/*', '!OpenAI/o3'], false],
    [['o*'], true],
    [['openai/gpt-*'], false],
    [['gpt-4o'], false],
    [['o3*'], false],
    [['openai/*'], true],
    [['*', '!anthropic/claude-x'], true],
    [['*', '!anthropic/*'], true],
  ])('of a key with models %j: %j', (models, may) => {
    expect(asked(models)).toBe(may ? 'continue' : '403 model');
  });

  test('at a provider of many makers is refused by what denies a maker', () => {
    expect(asked(['*', '!anthropic/*'], { provider: 'openrouter' })).toBe('403 model');
  });

  const WAYS = routes
    .filter((route): route is ModelRoute => route.kind === 'model')
    .flatMap(({ operation, template, methods }) =>
      methods.map((method) => [method, template, operation.name] as const),
    );
  const ENDS = /\/(cancel|hangup|refer|reject)$/;

  test.each(WAYS)(
    '%s %s needs a key for all models, unless no model works for it',
    (method, template, operation) => {
      const { modelIn } = operations[operation];
      const free = modelIn === null || !['POST', 'PUT', 'PATCH'].includes(method) || ENDS.test(template);
      const got = asked(['*', '!openai/o3'], { operation, method, template });
      expect(got).toBe(free ? 'continue' : `403 ${modelIn || '-'}`);
      expect(asked(['openai/*'], { operation, method, template })).toBe('continue');
    },
  );

  test('that no model works for may be made where some model may be used', () => {
    const file = (models: string[]) => asked(models, { operation: 'file' });
    expect(file(['openai/gpt-4o'])).toBe('continue');
    expect(file(['gpt-4o'])).toBe('continue');
    expect(file(['anthropic/claude-x'])).toBe('403 -');
    expect(file([])).toBe('403 -');
  });
});

describe('a name that does not tell its model', () => {
  const prompt = 'arn:aws:bedrock:eu-west-1:123456789012:prompt/P1:1';
  const profile = 'arn:aws:bedrock:eu-west-1:123456789012:application-inference-profile/abc';
  test.each<[provider: string, model: string, models: string[], may: boolean]>([
    ['bedrock', prompt, ['*', '!bedrock/anthropic.claude-x'], false],
    ['bedrock', profile, ['bedrock/*', '!*claude*'], false],
    ['bedrock', profile, ['*', '!openai/o3'], true],
    ['bedrock', profile, [`bedrock/${profile}`, '!*claude*'], true],
    ['openrouter', 'openrouter/auto', ['*', '!*claude*'], false],
    ['openrouter', 'openai/gpt-4o@preset/mine', ['*', '!*claude*'], false],
    ['azure', 'model-router', ['*', '!azure/gpt-x'], false],
  ])('%s/%s with %j: %j', (provider, model, models, may) => {
    expect(asked(models, { provider, model })).toBe(may ? 'continue' : '403 model');
  });

  test('is one that the configuration gave an alias: what it stands for is known there', () => {
    expect(asked(['*', '!*claude*'], { provider: 'bedrock', model: profile, alias: 'mine' })).toBe(
      'continue',
    );
  });

  test.each([
    'us.anthropic.claude-x',
    'arn:aws:bedrock:us-east-1::foundation-model/anthropic.claude-x',
    'arn:aws:bedrock:us-east-1:123456789012:inference-profile/us.anthropic.claude-x',
    'ANTHROPIC.claude-x',
  ])('%s is denied as the model it is', (model) => {
    expect(asked(['*', '!bedrock/anthropic.claude-x'], { provider: 'bedrock', model })).toBe('403 model');
  });
});

describe('models that stand beside it', () => {
  const beside = (body: object | string) =>
    asked(['*', '!openai/o3'], {
      model: 'gpt-4o',
      ...(typeof body === 'string' ? { raw: body } : { body }),
    });

  test('are the caller’s to use, or the request is refused', () => {
    expect(beside({ models: ['gpt-4o', 'o3'] })).toBe('403 models[1]');
    expect(beside({ tools: [{ type: 'function' }, { type: 'advisor', model: 'o3' }] })).toBe(
      '403 tools[1].model',
    );
    expect(beside({ models: ['gpt-4o'], tools: [{ type: 'image_generation', model: 'gpt-image-1' }] })).toBe(
      'continue',
    );
    expect(beside({ models: 'o3', tools: null })).toBe('continue');
  });

  test('are found in the second of two lists, and behind escapes', () => {
    expect(beside('{"models":["a"],"models":["o3"]}')).toBe('403 models[0]');
    expect(beside('{"mod\\u0065ls":["o3"]}')).toBe('403 models[0]');
  });
});

test('an alias with a slash stands for models of whom it leads to', () => {
  const { target } = fakeProvider('openai', dialectByName('openai-chat'));
  const { call } = fakeCall('openai-chat', {}, [], {}, 'file');
  Object.assign(call.head, { method: 'GET' });
  const read = (models: string[]): unknown => {
    call.principal = principalOf({ name: 'key', grants: [{ models }] });
    call.plan = planOf('openai/*', tiersInOrder([{ ...target, model: '', label: 'openai/*' }]));
    const found = {
      'team/fast': planOf(
        'team/fast',
        tiersInOrder([{ ...target, model: 'gpt-4o', label: 'openai/gpt-4o' }]),
      ),
    };
    const config = { ...call.snapshot.config, models: { 'team/fast': { targets: ['openai/gpt-4o'] } } };
    const plan = (name: string) => found[name as 'team/fast'] ?? null;
    Object.assign(call, {
      snapshot: { ...call.snapshot, config, models: { ...call.snapshot.models, plan } },
    });
    const result = permit(call);
    return result instanceof GatewayError ? result.status : result;
  };
  expect(read(['team/fast'])).toBe('continue');
  expect(read(['team/other'])).toBe(403);
});

describe('a batch', () => {
  const begun = (models: string[], named: readonly string[] | null): unknown => {
    const { target } = fakeProvider('openai', dialectByName('openai-chat'));
    const { call } = fakeCall('openai-chat', {}, [], {}, 'batch');
    call.principal = principalOf({ name: 'key', grants: [{ models }] });
    call.plan = planOf('openai/*', tiersInOrder([{ ...target, model: '', label: 'openai/*' }]));
    if (named !== null) call.namedModels = { models: named };
    const result = permit(call);
    return result instanceof GatewayError
      ? `${result.status} ${result.param} ${result.publicMessage}`
      : result;
  };

  test('of a file whose lines name models that the key may use is begun', () => {
    expect(begun(['gpt-4o', 'openai/o3'], ['gpt-4o', 'o3'])).toBe('continue');
    expect(begun(['gpt-4o'], ['gpt-4o', 'o3'])).toMatch(/^403 input_file_id .*`o3`/);
    expect(begun(['*', '!o3'], ['gpt-4o', 'o3'])).toMatch(/^403 input_file_id .*`o3`/);
  });

  test('of a file that was not uploaded here says what would help', () => {
    expect(begun(['gpt-4o'], null)).toMatch(/^403 input_file_id .*uploads them to \/v1\/files/);
    expect(begun(['openai/*'], null)).toBe('continue');
  });
});
