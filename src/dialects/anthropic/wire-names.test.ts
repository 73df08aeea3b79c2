import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fromWireName, toWireName } from './wire-names.ts';

describe('names on the wire', () => {
  it('leaves what Anthropic takes as it is', () => {
    for (const name of ['get_weather', 'mcp__server-1__tool', 'call_9zXy', 'x_', '_x', 'a_xaxis']) {
      expect(toWireName(name)).toBe(name);
    }
  });

  it('writes other characters so that they can be read back', () => {
    expect(toWireName('files.read')).toBe('files_x2e_read');
    expect(fromWireName('files_x2e_read')).toBe('files.read');
  });

  it('maps any two names to two names of the allowed alphabet, and back', () => {
    const piece = fc.oneof(
      fc.constantFrom('_', 'x', '_x', '2e_', '_x2e_', '5f', '.', ' ', 'é', '😀', 'a'),
      fc.string(),
    );
    fc.assert(
      fc.property(
        fc.array(piece).map((pieces) => pieces.join('')),
        (name) => {
          fc.pre(name.isWellFormed());
          const wire = toWireName(name);
          expect(wire).toMatch(/^[A-Za-z0-9_-]*$/);
          expect(fromWireName(wire)).toBe(name);
        },
      ),
    );
  });
});
