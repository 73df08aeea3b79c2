import { describe, expect, it } from 'vitest';
import { modelList as anthropic } from './anthropic/model-list.ts';
import { modelList as openai } from './openai-chat/model-list.ts';

describe('a list of OpenAI and its relatives', () => {
  it('is read with its times, without what is no model', () => {
    const body = {
      object: 'list',
      data: [
        { id: 'gpt-4o', object: 'model', created: 1_715_367_049, owned_by: 'system' },
        { id: 'vendor/with/slashes', created: 'yesterday', display_name: 'With Slashes' },
        { id: '' },
        { id: 7 },
        { id: 'has a space' },
        { id: 'x'.repeat(257) },
        'a string',
        null,
        { id: 'huge', created: 1e300 },
      ],
    };
    expect(openai.read(body)).toEqual({
      models: [
        { id: 'gpt-4o', displayName: null, createdMs: 1_715_367_049_000 },
        { id: 'vendor/with/slashes', displayName: 'With Slashes', createdMs: null },
        { id: 'huge', displayName: null, createdMs: null },
      ],
      next: null,
    });
  });

  it('may be the bare list', () => {
    expect(openai.read([{ id: 'a' }])?.models).toEqual([{ id: 'a', displayName: null, createdMs: null }]);
  });

  it.each([null, 'text', 7, {}, { data: {} }, { error: { message: 'no' } }])('%j is none', (body) => {
    expect(openai.read(body)).toBeNull();
    expect(anthropic.read(body)).toBeNull();
  });

  it('stands at /models', () => {
    expect(openai.address(null)).toBe('/models');
  });
});

describe("Anthropic's list", () => {
  it('is read by pages', () => {
    const model = {
      type: 'model',
      id: 'claude-x',
      display_name: 'Claude X',
      created_at: '2026-05-01T00:00:00Z',
    };
    expect(
      anthropic.read({ data: [model], has_more: true, first_id: 'claude-x', last_id: 'claude-x' }),
    ).toEqual({
      models: [{ id: 'claude-x', displayName: 'Claude X', createdMs: Date.UTC(2026, 4, 1) }],
      next: 'claude-x',
    });
    expect(
      anthropic.read({ data: [{ id: 'y', created_at: 'once' }], has_more: false, last_id: 'y' }),
    ).toEqual({
      models: [{ id: 'y', displayName: null, createdMs: null }],
      next: null,
    });
  });

  it('asks for the page behind a model by its name', () => {
    expect(anthropic.address(null)).toBe('/v1/models?limit=1000');
    expect(anthropic.address('a/b&c')).toBe('/v1/models?limit=1000&after_id=a%2Fb%26c');
  });
});
