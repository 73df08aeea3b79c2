import type { Operation } from '../contracts/operation.ts';

/** Typed judgements of some evidence. Few models are made for it; a chat with a function it must call stands in. */
export const decision: Operation = {
  name: 'decision',
  intake: 'json',
  answer: 'json',
  repeatable: true,
  refusable: true,
  estimated: false,
  standIn: 'chat',
  modelIn: 'model',
  standInByTool: true,
  natives: ['gpt-6-luna*', 'jev*', 'typesafe/*', 'Microsoft-Decision*'],
  meters: ['requests', 'tokens'],
  billed: true,
  flow: ['identify', 'plugins', 'files', 'plan', 'permit', 'plugin-route', 'guardrails', 'admit', 'dispatch'],
};
