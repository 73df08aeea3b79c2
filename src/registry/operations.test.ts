import { expect, test } from 'vitest';
import type { Operation } from '../contracts/operation.ts';
import { operations } from './operations.ts';

/** Those whose bodies name no objects but by what is said. */
const OTHERWISE: Readonly<Record<string, string>> = {
  batch: 'the file it names is looked up by `own`, which reads the body whole',
  realtime: 'messages are looked at one by one (pipeline/tunnel/own-messages.ts)',
  tokenize: 'a text and a model, no more',
};

test.each(Object.values(operations).map((operation) => [operation.name, operation] as const))(
  '%s: whatever its body refers to is the caller’s, or is answered as if it were not there',
  (name, { intake, flow, infill }: Operation) => {
    const looks = flow.includes('files');
    if (intake === 'none') return;
    expect(looks, OTHERWISE[name]).toBe(!(name in OTHERWISE));
    if (infill !== undefined) expect(infill.flow).toContain('files');
  },
);
