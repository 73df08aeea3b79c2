// Secrets in files are rotated under a gateway that runs, as kubelets, agents and people do it: the new one is in force
// and the old one is not, nobody sends a signal, and a broken one changes nothing.
import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { call, chatBody, chatPath, open } from '../../kit/client.ts';
import { type GatewayProcess, startGateway } from '../../kit/gateway.ts';
import { showOutput } from '../../kit/harness.ts';
import { type MockUpstream, startMock } from '../../kit/mock-upstream.ts';
import { testConfig } from '../../kit/test-config.ts';
import { waitUntil } from '../../kit/wait.ts';

let mock: MockUpstream;
let gateway: GatewayProcess;
let folder: string;

const key = (version: number): string => `rotated-client-key-000${version}`;
const providerKey = (version: number): string => `sk-rotated-provider-000${version}`;

beforeEach(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'headgate-secrets-'));
  mock = await startMock();
});

afterEach(async ({ task }) => {
  if (task.result?.state === 'fail') showOutput(gateway);
  gateway.kill('SIGKILL');
  await gateway.exit;
  await mock.close();
  rmSync(folder, { recursive: true, force: true });
});

async function start(): Promise<void> {
  const config = testConfig(mock, {
    oa: { keys: [`file:${path.join(folder, 'provider')}`] },
    rest: { auth: { keys: [`file:${path.join(folder, 'client')}`] } },
  });
  gateway = await startGateway({ workers: 2, config });
}

async function statusFor(client: string): Promise<number> {
  return (await call(gateway, chatPath, { key: client, body: chatBody('oa/ok') })).status;
}

/** Both workers take the one and refuse the other: connections go to either, so it is asked several times. */
async function inForce(now: string, before: string): Promise<void> {
  await waitUntil(
    async () => {
      for (let i = 0; i < 6; i++) {
        if ((await statusFor(now)) !== 200 || (await statusFor(before)) !== 401) return false;
      }
      return true;
    },
    'the rotated key',
    15_000,
    50,
  );
}

/** As a kubelet mounts a secret: files link into `..data`, which links to a folder of one version. */
function mountVersion(version: number): void {
  const data = path.join(folder, `..v${version}`);
  mkdirSync(data);
  writeFileSync(path.join(data, 'client'), key(version));
  writeFileSync(path.join(data, 'provider'), providerKey(version));
  symlinkSync(`..v${version}`, path.join(folder, '..data_tmp'));
  renameSync(path.join(folder, '..data_tmp'), path.join(folder, '..data'));
}

it('a secret volume of Kubernetes is swapped: clients and provider see the new keys, an open stream goes on', async () => {
  mountVersion(1);
  for (const name of ['client', 'provider']) symlinkSync(`..data/${name}`, path.join(folder, name));
  await start();
  expect(await statusFor(key(1))).toBe(200);
  const stream = open(gateway, chatPath, {
    key: key(1),
    body: chatBody('oa/text:20+gate-after:5:end', { stream: true }),
  });
  await stream.seen('t3');

  mountVersion(2);
  await inForce(key(2), key(1));
  expect(mock.lastRequest().headers['authorization']).toBe(`Bearer ${providerKey(2)}`);
  mock.open('end');
  expect((await stream.whole()).events.at(-1)?.data).toBe('[DONE]');
  expect(gateway.output()).not.toContain(key(2));
  expect(gateway.output()).not.toContain(providerKey(2));
});

it('a file is renamed into place, then written in place', async () => {
  writeFileSync(path.join(folder, 'client'), key(1));
  writeFileSync(path.join(folder, 'provider'), providerKey(1));
  await start();
  writeFileSync(path.join(folder, 'client.new'), `${key(2)}\n`);
  renameSync(path.join(folder, 'client.new'), path.join(folder, 'client'));
  await inForce(key(2), key(1));
  writeFileSync(path.join(folder, 'client'), `${key(3)}\r\n`);
  await inForce(key(3), key(2));
});

it.each([
  ['empty', (file: string) => writeFileSync(file, '')],
  ['gone', (file: string) => rmSync(file)],
  ['no key', (file: string) => writeFileSync(file, 'two words')],
])(
  'a secret that is %s keeps the old one, with a word in the log; the next good one is taken',
  async (_, spoil) => {
    const file = path.join(folder, 'client');
    writeFileSync(file, key(1));
    writeFileSync(path.join(folder, 'provider'), providerKey(1));
    await start();
    spoil(file);
    await waitUntil(
      () => gateway.logs().some(({ msg }) => msg === 'new configuration is not valid: nothing changed'),
      'the refusal',
      15_000,
    );
    expect(await statusFor(key(1))).toBe(200);
    writeFileSync(file, key(2));
    await inForce(key(2), key(1));
  },
);
