import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadConfig } from '../../src/config/load.ts';
import { type MockUpstream, startMock } from '../../tests/kit/mock-upstream.ts';
import { freePort } from '../../tests/kit/port.ts';
import { examine, type Finding, report } from './doctor.ts';

let mock: MockUpstream;
let folder: string;
beforeAll(async () => {
  mock = await startMock();
  folder = mkdtempSync(path.join(tmpdir(), 'headgate-doctor-'));
});
afterAll(async () => {
  await mock.close();
  rmSync(folder, { recursive: true, force: true });
});

async function found(env: Record<string, string>): Promise<Finding[]> {
  return examine(loadConfig({ env: { HEADGATE_DATA_DIR: folder, ...env }, cwd: folder, cores: 1 }));
}

describe('doctor', () => {
  it('asks each provider what costs nothing, and tells a good one from one that is not there', async () => {
    const dead = await freePort();
    const findings = await found({
      HEADGATE_PORT: String(await freePort()),
      OPENAI_API_KEY: 'sk-anything-0001',
      HEADGATE_OPENAI_BASE_URL: mock.openaiUrl,
      ANTHROPIC_API_KEY: 'sk-ant-anything-0001',
      HEADGATE_ANTHROPIC_BASE_URL: `http://127.0.0.1:${dead}`,
    });
    const of = (name: string): Finding | undefined => findings.find(({ what }) => what.startsWith(name));
    expect(of('openai')).toMatchObject({
      level: 'ok',
      what: expect.stringMatching(/lists \d+ models?$/) as string,
    });
    expect(of('anthropic')).toMatchObject({ level: 'bad' });
    expect(of('the store has its place')).toMatchObject({ level: 'ok' });
    expect(findings.some(({ what }) => what.endsWith('GB are free there'))).toBe(true);
    expect(of('no key is asked for')).toMatchObject({ level: 'ok' });
    expect(findings.some(({ what }) => what.endsWith('is free'))).toBe(true);
    // Nothing but lists was asked for.
    expect(mock.requests.every(({ method }) => method === 'GET')).toBe(true);
    expect(JSON.stringify(findings)).not.toContain('anything-0001');
  });

  it('tries each key of a provider by itself: one that is refused would show only when its turn comes', async () => {
    const file = path.join(folder, 'keys.yaml');
    const keys = [
      { alias: 'a', value: 'sk-anything-0001' },
      { alias: 'b', value: 'sk-anything-0002' },
    ];
    const openai = { baseUrl: mock.openaiUrl, keys };
    writeFileSync(file, JSON.stringify({ server: { port: await freePort() }, providers: { openai } }));
    const findings = await found({ HEADGATE_CONFIG: file });
    const tried = findings.filter(({ what }) => what.startsWith('openai, key'));
    expect(tried.map(({ level, what }) => [level, what.split(' ')[2]])).toEqual([
      ['ok', 'a,'],
      ['ok', 'b,'],
    ]);
    const shown = mock.requests.map(({ headers }) => headers['authorization']);
    for (const { value } of keys) expect(shown).toContain(`Bearer ${value}`);
    expect(JSON.stringify(findings)).not.toContain('anything-0002');
  });

  it('says that a port is taken, and what Redis and PostgreSQL say of themselves', async () => {
    const dead = await freePort();
    const findings = await found({
      HEADGATE_PORT: String(mock.port),
      HEADGATE_REDIS_URL: `redis://127.0.0.1:${dead}`,
      HEADGATE_DATABASE_URL: `postgres://u:secret-word@127.0.0.1:${dead}/d`,
    });
    expect(findings.find(({ what }) => what.endsWith('is in use'))).toMatchObject({ level: 'warn' });
    expect(findings.find(({ what }) => what.startsWith('Redis'))).toMatchObject({ level: 'bad' });
    expect(findings.find(({ what }) => what.startsWith('PostgreSQL'))).toMatchObject({ level: 'bad' });
    expect(JSON.stringify(findings)).not.toContain('secret-word');
  });

  it('prints a line for each, and fails for what is bad alone', () => {
    const findings: Finding[] = [
      { level: 'ok', what: 'a', advice: '' },
      { level: 'warn', what: 'b', advice: 'look' },
    ];
    expect(report(findings)).toEqual({
      text: 'ok    a\nnote  b: look\n\n1 well, 1 to be known, 0 bad',
      failed: false,
    });
    expect(report([{ level: 'bad', what: 'c', advice: 'do' }]).failed).toBe(true);
  });
});
