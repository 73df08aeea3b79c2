import { expect, it } from 'vitest';
import type { Enrolment, GateApi } from './centre/gate-api.ts';
import { enrolDevice } from './enrol.ts';

const LOGIN = {
  deviceCode: 'dc',
  userCode: 'BDWP-HQPK',
  verificationUri: 'https://sso/activate',
  verificationUriComplete: '',
  expiresInSeconds: 60,
  intervalSeconds: 5,
};
const DONE: Enrolment = {
  enrolled: true,
  id: 'dev_1',
  name: 'laptop',
  state: 'pending',
  credential: 'hg-key',
};

function fake(answers: Enrolment[], ways: Partial<Awaited<ReturnType<GateApi['enrolment']>>> = {}) {
  const asked: object[] = [];
  const waits: number[] = [];
  let said = '';
  let clock = 0;
  const api = {
    enrolment: async () => ({ login: true, certificate: false, shown: false, ...ways }),
    beginLogin: async () => LOGIN,
    async enrol(body: object) {
      asked.push(body);
      return answers.shift() ?? { enrolled: false };
    },
  };
  const run = () =>
    enrolDevice(
      {
        api,
        say: (text) => (said += text),
        now: () => clock,
        async pause(ms) {
          waits.push(ms);
          clock += ms;
        },
      },
      { name: 'laptop', platform: 'linux-x64' },
    );
  return { run, asked, waits, said: () => said };
}

it('tells the person where and which code, and asks as often as the provider likes', async () => {
  const { run, waits, said, asked } = fake([{ enrolled: false }, { enrolled: false, slower: true }, DONE]);
  expect(await run()).toEqual({ id: 'dev_1', name: 'laptop', state: 'pending', credential: 'hg-key' });
  expect(said()).toContain('https://sso/activate');
  expect(said()).toContain('BDWP-HQPK');
  expect(waits).toEqual([5_000, 5_000, 10_000]);
  expect(asked.at(-1)).toEqual({ name: 'laptop', platform: 'linux-x64', deviceCode: 'dc' });
});

it('gives up when the login is over', async () => {
  const { run, asked } = fake([]);
  await expect(run()).rejects.toThrow('in time');
  expect(asked).toHaveLength(12);
});

it('needs no login with a certificate that the gate has seen', async () => {
  const { run, asked, said } = fake([DONE], { certificate: true, shown: true });
  await run();
  expect([asked, said()]).toEqual([[{ name: 'laptop', platform: 'linux-x64' }], '']);
});

it('says what to do where no machine enrols by itself', async () => {
  const { run } = fake([], { login: false, certificate: true });
  await expect(run()).rejects.toThrow('HEADGATE_EDGE_KEY');
});
