import type { Operation } from '../contracts/operation.ts';
import { completion } from './completion.ts';

const { infill: _, ...plain } = completion;

/** A text between two others, as Mistral is asked for it: who has completions with a `suffix` may be asked in its place. */
export const fim: Operation = {
  ...plain,
  name: 'fim',
  standIn: null,
  fills: true,
  // It has one prompt and one answer.
  flow: plain.flow.filter((stage) => stage !== 'prompts'),
};
