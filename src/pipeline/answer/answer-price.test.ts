// Films of some sizes have a price of their own, whoever named the model: the request, or the answer alone.
import { expect, it } from 'vitest';
import type { Call } from '../../contracts/call.ts';
import type { AnswerFacts } from '../../contracts/chat.ts';
import type { OperationName } from '../../contracts/operation.ts';
import type { Target } from '../../contracts/plan.ts';
import type { Price } from '../../contracts/price.ts';
import { NO_QUANTITIES } from '../../contracts/quantities.ts';
import { operations } from '../../registry/operations.ts';
import { answerPrice } from './answer-price.ts';

const price = (source: string): Price => ({ components: [], factors: {}, source });
const KNOWN: Readonly<Record<string, Price>> = {
  'sora-2': price('small'),
  'sora-2-pro': price('pro'),
  'sora-2-pro-high-res': price('large'),
};

function source(name: OperationName, asked: string, told: string | null, size?: string): string | null {
  const target = { price: KNOWN[asked] ?? null, model: asked, provider: { name: 'p' } } as unknown as Target;
  const priceOf = (_: string, model: string): Price | null => KNOWN[model] ?? null;
  const call = { operation: operations[name], snapshot: { models: { priceOf } } } as unknown as Call;
  const quantities = { ...NO_QUANTITIES, seconds: 4, ...(size !== undefined && { size }) };
  const facts: AnswerFacts = { usage: null, stop: null, id: null, model: told, quantities };
  return answerPrice(target, call, facts)?.source ?? null;
}

it.each(['video', 'video-form'] as const)('of a model that a %s names', (name) => {
  expect(source(name, 'sora-2-pro', 'sora-2-pro')).toBe('pro');
  expect(source(name, 'sora-2-pro', 'sora-2-pro', '1280x720')).toBe('pro');
  expect(source(name, 'sora-2-pro', null, '1792x1024')).toBe('large');
  expect(source(name, 'sora-2', 'sora-2', '1024x1792')).toBe('small');
});

it.each(['video', 'video-form', 'video-object'] as const)(
  'of a model that the answer to a %s tells',
  (name) => {
    expect(source(name, '', 'sora-2-pro', '1280x720')).toBe('pro');
    expect(source(name, '', 'sora-2-pro', '1792x1024')).toBe('large');
    expect(source(name, '', 'other', '1792x1024')).toBeNull();
    expect(source(name, '', null)).toBeNull();
  },
);

it('is that of nothing else', () => {
  expect(source('chat', 'sora-2-pro', 'sora-2-pro', '1792x1024')).toBe('pro');
  expect(source('ocr', '', 'sora-2')).toBeNull();
});
