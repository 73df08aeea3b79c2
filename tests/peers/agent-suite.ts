// What every coding agent must be able to do through the gateway, whatever its upstream speaks.
import { describe, expect, test } from 'vitest';
import type { Harness } from '../kit/harness.ts';
import type { CliHarness, CliRun } from './cli.ts';

/** An agent as its tests run it. */
export interface Agent {
  name: string;
  cli: CliHarness;
  harness: Harness;
  /** Its tool that reads a file, as the mock is asked to call it: `tool:parameter`. */
  reader: string;
  /** @param files in its home folder. */
  run(model: string, files?: Record<string, string>): Promise<CliRun>;
}

/** @param providers names of upstreams in the gateway of the tests. */
export function describeAgent(
  { name, cli, harness, reader, run }: Agent,
  providers: readonly string[],
): void {
  describe.each(providers)(`${name} to %s`, (provider) => {
    test('prints an answer', async (context) => {
      if (cli.missing !== '') context.skip(cli.missing);
      const { status, output } = await run(`${provider}/thinking+with-text`);
      expect(output).toContain('Hello from the mock provider, all is well.');
      expect(status).toBe(0);
    });

    test('goes round with a tool', async (context) => {
      if (cli.missing !== '') context.skip(cli.missing);
      const model = `thinking+call:${reader}=weather.txt`;
      const { status, output } = await run(`${provider}/${model}`, { 'work/weather.txt': 'rather windy' });
      expect(output).toContain('It is 21 degrees in Paris.');
      expect(status).toBe(0);
      const [first, second, ...more] = harness.mock.requestsFor(model);
      expect(first?.body.toString()).not.toContain('rather windy');
      expect(second?.body.toString()).toContain('rather windy');
      expect(more).toEqual([]);
    });

    test('tells what the provider refuses', async (context) => {
      if (cli.missing !== '') context.skip(cli.missing);
      const { status, output } = await run(`${provider}/status:400`);
      expect(output).toContain('mock says 400');
      expect(status).toBe(1);
    });
  });
}
