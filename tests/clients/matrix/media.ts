// Scenarios of pictures and documents: their bytes arrive as they were, wherever they stand.
import { expect } from 'vitest';
import type { Cell } from './cell.ts';
import type { Ask } from './client.ts';
import { weather } from './tools.ts';

/** Its base64 has characters that the URL-safe alphabet spells otherwise. */
export const pixel =
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';
const pdf = Buffer.from('%PDF-1.4\n% a small report\n%%EOF\n').toString('base64');

export async function image(cell: Cell): Promise<void> {
  await cell.client.whole(cell.ask('ok', { turns: [{ role: 'user', text: 'What is it?', image: pixel }] }));
  const seen = cell.seen('ok');
  expect(seen.images).toEqual([pixel]);
  expect(seen.turns).toEqual(['user: What is it?']);
}

export async function imageUrl(cell: Cell): Promise<void> {
  const url = 'https://example.com/cat.jpg';
  await cell.client.whole(cell.ask('ok', { turns: [{ role: 'user', text: 'What is it?', imageUrl: url }] }));
  expect(cell.seen('ok').images).toEqual([url]);
}

export async function imageUrlRefused(cell: Cell): Promise<void> {
  const turns: Ask['turns'] = [{ role: 'user', text: '?', imageUrl: 'https://example.com/cat.jpg' }];
  const failure = await cell.refusal(cell.ask('ok', { turns }), 'whole');
  expect(failure.error).toBeInstanceOf(cell.client.errorClass(400));
  expect(failure.message).toMatch(/image|fileUri|url/);
}

export async function document(cell: Cell): Promise<void> {
  await cell.client.whole(cell.ask('ok', { turns: [{ role: 'user', text: 'Sum it up.', pdf }] }));
  const seen = cell.seen('ok');
  expect(seen.documents).toEqual([pdf]);
  expect(seen.turns).toEqual(['user: Sum it up.']);
}

export async function documentRefused(cell: Cell): Promise<void> {
  const ask = cell.ask('ok', { turns: [{ role: 'user', text: 'Sum it up.', pdf }] });
  const failure = await cell.refusal(ask, 'whole');
  expect(failure.error).toBeInstanceOf(cell.client.errorClass(400));
  expect(failure.message).toMatch(/document|file|inlineData/);
}

/** A tool that answers with a picture. */
export async function imageFromTool(cell: Cell): Promise<void> {
  const ask = cell.ask('tools', { tools: [weather] });
  const answer = await cell.client.whole(ask);
  const [call] = answer.calls;
  const results = [{ id: call!.id, name: call!.name, text: 'as you see', image: pixel }];
  const turns: Ask['turns'] = [...ask.turns, { role: 'said', answer }, { role: 'results', results }];
  await cell.client.whole({ ...ask, turns });
  const seen = cell.seen('tools');
  expect(seen.images).toEqual([pixel]);
  expect(seen.results[0]!.text).toContain('as you see');
}

const wav = Buffer.from('RIFF$   WAVEfmt a few samples').toString('base64');
const sound: Ask['turns'] = [{ role: 'user', text: 'What is said?', wav }];

export async function audio(cell: Cell): Promise<void> {
  await cell.client.whole(cell.ask('ok', { turns: sound }));
  expect(cell.request('ok').body.toString()).toContain(wav);
}

export async function audioRefused(cell: Cell): Promise<void> {
  const failure = await cell.refusal(cell.ask('ok', { turns: sound }), 'whole');
  expect(failure.error).toBeInstanceOf(cell.client.errorClass(400));
  expect(failure.message).toMatch(/audio|inlineData/);
}
