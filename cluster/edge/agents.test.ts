import { describe, expect, it } from 'vitest';
import { AGENT_NAMES, launchOf, sdkEnvironment } from './agents.ts';

const gate = { url: 'http://127.0.0.1:8080', key: 'hg-key' };

describe('a program', () => {
  it.each(AGENT_NAMES)('%s gets the address and the key, and no file', (name) => {
    const { args, env } = launchOf(name, gate);
    const all = JSON.stringify([args, env]);
    expect(all).toContain(gate.url);
    expect(all).toContain(gate.key);
    // Arguments are seen by everybody on the machine.
    expect(JSON.stringify(args)).not.toContain(gate.key);
  });

  it('that is not known gets what the vendors’ libraries read', () => {
    expect(launchOf('python3', gate)).toEqual({ args: [], env: sdkEnvironment(gate), without: [] });
    expect(launchOf('constructor', gate).env).toEqual(sdkEnvironment(gate));
  });

  it('keeps nothing that would lead it past the gateway', () => {
    expect(launchOf('claude', gate).without).toContain('ANTHROPIC_API_KEY');
  });
});
