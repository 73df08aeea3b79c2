import { describe, expect, test } from 'vitest';
import { inspectBody } from '../../body/inspect.ts';
import { applyEdits } from '../../body/splice.ts';
import type { EncodeTarget } from '../../contracts/body.ts';
import { GatewayError } from '../../contracts/errors.ts';
import type { JsonObject } from '../../contracts/json.ts';
import { capabilitiesOf } from '../../models/lookup.ts';
import { isParticular } from '../../models/particular.ts';
import { fit as fitBytes } from './fit.ts';

const to = (model: string, strict = false): EncodeTarget => ({
  model,
  provider: 'anthropic',
  capabilities: capabilitiesOf({ vendor: 'anthropic', dialect: 'anthropic', model }),
  streamUsage: true,
  defaultMaxTokens: 4096,
  legacyMaxTokens: false,
  strict,
});

function fitted(body: object, target: EncodeTarget) {
  const bytes = Buffer.from(JSON.stringify(body));
  const { edits, dropped, adapted } = fitBytes(bytes, inspectBody(bytes), target);
  const json = JSON.parse(applyEdits(bytes, edits).toString()) as JsonObject;
  return { json, dropped, adapted };
}

const ASK = { model: 'm', max_tokens: 9000, messages: [{ role: 'user', content: 'q' }] };
const TOOLS = [{ name: 'w', input_schema: { type: 'object' } }];

describe('sampling', () => {
  test.each(['claude-opus-4-7', 'claude-opus-5', 'claude-sonnet-5', 'claude-fable-5-2'])(
    'is left out for %s',
    (model) => {
      const { json, dropped, adapted } = fitted(
        { temperature: 0.3, ...ASK, top_p: 1, top_k: 5, stream: true },
        to(model),
      );
      expect(json).toEqual({ ...ASK, model, stream: true });
      expect(dropped).toEqual(['temperature', 'top_k']);
      expect(adapted).toEqual(['top_p']);
    },
  );

  test.each([
    [0.3, 0.9, { temperature: 0.3 }, ['top_p'], []],
    [0.3, 1, { temperature: 0.3 }, [], ['top_p']],
    [1, 0.9, { top_p: 0.9 }, [], ['temperature']],
    [0.3, null, { temperature: 0.3, top_p: null }, [], []],
  ])('of %s and %s one goes to 4.1 to 4.6', (temperature, top_p, sent, dropped, adapted) => {
    for (const model of ['claude-opus-4-1', 'claude-sonnet-4-5', 'claude-opus-4-6']) {
      const out = fitted({ ...ASK, temperature, top_p }, to(model));
      expect(out.json).toEqual({ ...ASK, model, ...sent });
      expect([out.dropped, out.adapted]).toEqual([dropped, adapted]);
    }
  });

  test('is a 400 that names it where no loss may be', () => {
    expect(() => fitted({ ...ASK, temperature: 0.3 }, to('claude-opus-4-7', true))).toThrowError(
      GatewayError,
    );
    expect(fitted({ ...ASK, temperature: 1 }, to('claude-opus-4-7', true)).json).toEqual({
      ...ASK,
      model: 'claude-opus-4-7',
    });
  });
});

describe('thinking', () => {
  test('with a budget becomes adaptive with an effort where only that is taken', () => {
    const thinking = { type: 'enabled', budget_tokens: 9000 };
    const { json, adapted, dropped } = fitted({ ...ASK, thinking }, to('claude-opus-4-7'));
    expect(json).toMatchObject({ thinking: { type: 'adaptive' }, output_config: { effort: 'medium' } });
    expect([adapted, dropped]).toEqual([['thinking', 'output_config.effort'], []]);
    const stated = fitted(
      { ...ASK, thinking, output_config: { effort: 'max', format: null } },
      to('claude-opus-4-7'),
    );
    expect(stated.json['output_config']).toEqual({ effort: 'max', format: null });
    expect(stated.adapted).toEqual(['thinking']);
  });

  test('adaptive becomes a budget below the limit where only that is taken, and waits in a loop of tools', () => {
    const body = { ...ASK, thinking: { type: 'adaptive' }, output_config: { effort: 'high' } };
    const { json, dropped } = fitted(body, to('claude-sonnet-4-5'));
    expect(json['thinking']).toEqual({ type: 'enabled', budget_tokens: 8999 });
    expect(json).not.toHaveProperty('output_config');
    expect(dropped).toEqual(['output_config.effort']);
    for (const without of [{ tools: TOOLS }, { max_tokens: 1000 }]) {
      const out = fitted({ ...body, ...without }, to('claude-haiku-4-5'));
      expect(out.json).not.toHaveProperty('thinking');
      expect(out.dropped).toEqual(['thinking', 'output_config.effort']);
    }
  });

  test('is left out for models that have none; switched off it says nothing there', () => {
    const old = 'claude-3-5-haiku-20241022';
    expect(
      fitted({ ...ASK, max_tokens: 10, thinking: { type: 'enabled', budget_tokens: 1024 } }, to(old)).dropped,
    ).toEqual(['thinking']);
    const off = fitted({ ...ASK, max_tokens: 10, thinking: { type: 'disabled' } }, to(old, true));
    expect(off.json).not.toHaveProperty('thinking');
  });

  test('cannot be switched off for those that always think', () => {
    expect(fitted({ ...ASK, thinking: { type: 'disabled' } }, to('claude-mythos-5')).dropped).toEqual([
      'thinking',
    ]);
    expect(
      fitted({ ...ASK, thinking: { type: 'disabled' } }, to('claude-opus-4-7')).json['thinking'],
    ).toEqual({ type: 'disabled' });
  });

  test('goes with a level of effort the model knows, the rest of output_config kept', () => {
    const format = { type: 'json_schema', schema: { type: 'object' } };
    const { json, adapted } = fitted(
      { ...ASK, output_config: { effort: 'xhigh', format } },
      to('claude-opus-4-6'),
    );
    expect(json['output_config']).toEqual({ effort: 'high', format });
    expect(adapted).toEqual(['output_config.effort']);
    expect(
      fitted({ ...ASK, output_config: { effort: 'low', format } }, to('claude-sonnet-4-5')).json[
        'output_config'
      ],
    ).toEqual({ format });
  });
});

test('a limit is no higher than the model takes', () => {
  const { json, adapted } = fitted({ ...ASK, max_tokens: 32_000 }, to('claude-3-5-haiku-20241022'));
  expect(json['max_tokens']).toBe(8192);
  expect(adapted).toEqual(['max_tokens']);
});

test('no tool is forced on a model that refuses to be', () => {
  const choice = { type: 'tool', name: 'w', disable_parallel_tool_use: true };
  const { json, adapted } = fitted({ ...ASK, tools: TOOLS, tool_choice: choice }, to('claude-fable-5-2'));
  expect(json['tool_choice']).toEqual({ type: 'auto', disable_parallel_tool_use: true });
  expect(adapted).toEqual(['tool_choice']);
});

test('a name that is no known Claude is not looked at', () => {
  const particular = (model: string) =>
    isParticular(capabilitiesOf({ vendor: 'anthropic', dialect: 'anthropic', model }), 'anthropic');
  expect([particular('claude-test'), particular('claude-sonnet-4-5')]).toEqual([false, true]);
});
