import { expect, it } from 'vitest';
import { HeaderBag } from '../contracts/headers.ts';
import { sessionOf } from './session.ts';

const bag = (...pairs: [string, string][]): HeaderBag => {
  const headers = new HeaderBag();
  for (const [name, value] of pairs) headers.add(name, value);
  return headers;
};

it('takes the session our own header names before those of clients, in whatever order they come', () => {
  expect(sessionOf(bag(['session_id', 'codex'], ['x-headgate-session', 'ours']))).toBe('ours');
  expect(sessionOf(bag(['x-headgate-session', 'ours'], ['session_id', 'codex']))).toBe('ours');
  expect(sessionOf(bag(['x-claude-code-session-id', 'cc'], ['x-forwarded-for', '1']))).toBe('cc');
});

it('knows none where nothing, or an empty text, is said', () => {
  expect(sessionOf(bag(['x-headgate-session', ''], ['server', 'x']))).toBe('');
});
