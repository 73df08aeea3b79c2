// What is written by the page, written for real: a provider with its key, a model, the configuration and back again, what machines at
// the edge may, and a second factor that signing in then asks for; each is looked for in what the gateway does.
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { codeAt, stepOf } from '../../gatehouse/who/totp.ts';
import { adminOpen, setupToken } from '../kit/admin.ts';
import { type GatewayProcess, gateKey, startGateway } from '../kit/gateway.ts';
import { type MockUpstream, startMock } from '../kit/mock-upstream.ts';
import { axeFindings, openBrowser, type Watched, watchedPage } from './kit/browser.ts';

const PASSWORD = 'correct horse battery';
let browser: Browser;
let gateway: GatewayProcess;
let mock: MockUpstream;
let watched: Watched;

beforeAll(async () => {
  mock = await startMock();
  [browser, gateway] = await Promise.all([
    openBrowser(),
    startGateway({ admin: true, config: { auth: { keys: [gateKey] } } }),
  ]);
  await adminOpen(gateway);
  const made = await fetch(`${gateway.url}/api/setup`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${await setupToken(gateway)}` },
    body: JSON.stringify({ name: 'ada', password: PASSWORD }),
  });
  expect(made.ok).toBe(true);
  watched = await watchedPage(browser, { origin: gateway.url });
  await watched.page.goto(`${gateway.url}/ui`);
  await signIn();
  // What is opened before the answer came would take the sign-in back.
  await watched.page.getByRole('heading', { level: 1, name: 'Overview' }).waitFor();
});
afterAll(async () => {
  const { faults, foreign } = watched;
  await watched.close();
  await browser.close();
  await gateway.stop();
  await mock.close();
  expect(faults).toEqual([]);
  expect(foreign).toEqual([]);
});

async function signIn(): Promise<void> {
  const { page } = watched;
  await page.getByLabel('Name', { exact: true }).fill('ada');
  await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
  await page.getByRole('button', { name: 'Sign in' }).click();
}

const asked = async (model: string): Promise<number> =>
  (
    await fetch(`${gateway.url}/v1/chat/completions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${gateKey}`, 'content-type': 'application/json' },
      body: JSON.stringify({ model, messages: [{ role: 'user', content: 'hi' }] }),
    })
  ).status;

test('a provider of one’s own, with its key, is asked at once, and not while it is paused', async () => {
  const { page } = watched;
  await page.goto(`${gateway.url}/ui/providers`);
  await page.getByRole('button', { name: 'Add a provider' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Provider').fill('mine');
  await dialog.getByLabel('Its key').fill('sk-of-the-page-000001');
  await dialog.getByLabel('It is a server of your own').check();
  await dialog.getByLabel('Address').fill(mock.openaiUrl);
  await dialog.getByRole('button', { name: 'Add it' }).click();
  await page.getByText('mine is in force.').waitFor();
  expect(await asked('mine/ok')).toBe(200);
  expect(mock.requestsFor('ok').at(-1)!.headers['authorization']).toBe('Bearer sk-of-the-page-000001');

  await page.goto(`${gateway.url}/ui/providers/mine`);
  await page.getByRole('button', { name: 'Pause' }).click();
  await page.getByRole('dialog', { name: 'Pause mine' }).getByRole('button', { name: 'Pause' }).click();
  await page.getByRole('button', { name: 'Let calls in again' }).waitFor();
  expect(await asked('mine/ok')).toBe(503);
  await page.getByRole('button', { name: 'Let calls in again' }).click();
  await page.getByRole('button', { name: 'Let them in' }).click();
  await expect.poll(() => asked('mine/ok')).toBe(200);
  expect(await page.content()).not.toContain('sk-of-the-page');
});

test('a model is made of fields, drawn as what it is, and taken away', async () => {
  const { page } = watched;
  await page.goto(`${gateway.url}/ui/models`);
  await page.getByRole('button', { name: 'New model' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Name callers ask for').fill('pair');
  await dialog.getByRole('button', { name: 'Add a target' }).click();
  await dialog.getByLabel('Target 1', { exact: true }).fill('mine/text:20');
  await dialog.getByLabel('Target 2', { exact: true }).fill('mine/ok');
  await dialog.getByRole('button', { name: 'Target 2 one place up' }).click();
  expect(await dialog.getByLabel('Target 1', { exact: true }).inputValue()).toBe('mine/ok');
  await dialog.getByLabel('Which of them answers').selectOption('weighted');
  await dialog.getByLabel('Weight of target 1').fill('3');
  await dialog.getByRole('button', { name: 'Add a fallback' }).click();
  await dialog.getByLabel('Fallback 1', { exact: true }).fill('no slash');
  await dialog.getByLabel('a timeout').check();
  await dialog.getByRole('button', { name: 'Save' }).click();
  // What is wrong is said, and nothing of it is lost.
  await dialog.getByRole('alert').first().waitFor();
  await dialog.getByLabel('Fallback 1', { exact: true }).fill('mine/spare');
  expect(await axeFindings(page)).toEqual([]);
  await dialog.getByRole('button', { name: 'Save' }).click();
  await page.getByText('pair is in force.').waitFor();
  await page.getByText('75 % of the calls').waitFor();
  await page.getByText('only after any failure, a timeout').waitFor();
  expect(await asked('pair')).toBe(200);
  await page.getByRole('button', { name: 'Edit' }).click();
  await dialog.getByRole('button', { name: 'As JSON' }).click();
  expect(JSON.parse(await dialog.getByLabel('Plan').inputValue())).toEqual({
    strategy: 'weighted',
    targets: [{ model: 'mine/ok', weight: 3 }, 'mine/text:20'],
    fallbacks: [{ on: ['error', 'timeout'], to: 'mine/spare' }],
  });
  await dialog.getByRole('button', { name: 'Remove it' }).click();
  await page.getByText('pair is gone.').waitFor();
});

test('what is found on a machine is denied with a word why, and the machine itself, too', async () => {
  const { page } = watched;
  const made = await page.evaluate(async () => {
    const { csrfToken } = await (await fetch('/api/session')).json();
    const answer = await fetch('/api/edge/devices', {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-csrf-token': csrfToken },
      body: JSON.stringify({ name: 'laptop-7', platform: 'linux-x64', person: 'grace' }),
    });
    return (await answer.json()) as { credential: string };
  });
  const github = {
    type: 'server',
    target: 'npx @example/github-mcp',
    names: ['github'],
    transport: 'stdio',
    version: '1.0.0',
    sources: ['claude'],
  };
  const report = async (): Promise<{ decision: string; verdicts: { decision: string; note: string }[] }> => {
    const answer = await fetch(`${gateway.url}/api/edge/self/report`, {
      method: 'POST',
      headers: { authorization: `Bearer ${made.credential}`, 'content-type': 'application/json' },
      body: JSON.stringify({ version: '0.3.0', findings: [github] }),
    });
    return (await answer.json()) as never; // of its schema
  };
  expect((await report()).verdicts).toMatchObject([{ decision: 'allow' }]);
  await page.goto(`${gateway.url}/ui/edge`);
  await page.getByRole('link', { name: 'laptop-7' }).waitFor();
  await page.getByRole('button', { name: '1 to be decided' }).click();
  const row = page.getByRole('row', { name: /github/ });
  await row.getByRole('button', { name: 'Deny' }).click();
  const dialog = page.getByRole('dialog', { name: 'Deny github' });
  await dialog.getByLabel('Why').fill('not reviewed');
  await dialog.getByRole('button', { name: 'Deny it' }).click();
  await page.getByText('machines hear of it').waitFor();
  expect((await report()).verdicts).toMatchObject([{ decision: 'block', note: 'not reviewed' }]);
  await page.getByRole('button', { name: 'Policy' }).click();
  await page.getByLabel('Machines ask every, seconds').fill('2');
  await page.getByRole('button', { name: 'Save' }).click();
  await page
    .getByText(/refreshSeconds: /)
    .first()
    .waitFor();
  await page.getByLabel('Machines ask every, seconds').fill('30');
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByText('The policy is set').waitFor();
  await page.getByRole('button', { name: 'Devices' }).click();
  await page
    .getByRole('row', { name: /laptop-7/ })
    .getByRole('button', { name: 'Deny' })
    .click();
  await page.getByRole('dialog').getByRole('button', { name: 'Deny it' }).click();
  await page.getByText('laptop-7 is denied.').waitFor();
  await page
    .getByRole('row', { name: /laptop-7/ })
    .getByText('denied')
    .waitFor();
});

test('the configuration is written with help, compared, applied, and gone back in', async () => {
  const { page } = watched;
  await page.goto(`${gateway.url}/ui/config`);
  const text = page.getByLabel('Configuration', { exact: true });
  await text.fill('models:\n  swift:\n    targets: [mine/ok]\n    str');
  const help = page.getByRole('complementary', { name: 'What may stand here' });
  await help.getByRole('button', { name: 'strategy', exact: true }).click();
  await help.getByRole('button', { name: 'round-robin' }).click();
  expect(await text.inputValue()).toContain('strategy: round-robin');
  await text.press('End');
  await text.pressSequentially('\n  wrong:\n    targets: 5');
  await page.getByRole('button', { name: 'Check and compare' }).click();
  await page.getByText('models.wrong.targets').waitFor();
  const managed = page.getByText('Applying it will');
  const before = (await (await fetchAs('/api/config/export?format=yaml')).text()).trim();
  await text.fill(`${before}\nmodels:\n  swift:\n    targets: [mine/ok]\n`);
  await page.getByRole('button', { name: 'Check and compare' }).click();
  await managed.waitFor();
  await page.getByRole('button', { name: 'Apply', exact: true }).click();
  await page.getByText('is in force on all workers').waitFor();
  expect(await asked('swift')).toBe(200);
  expect(mock.requestsFor('swift')).toHaveLength(0);

  await page.getByRole('button', { name: 'History' }).click();
  await page.getByRole('button', { name: 'Go back to it' }).nth(1).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Go back' }).click();
  await page.getByText('is in force: it is what').waitFor();
  // No alias any more, but a name like any other, for the only provider that takes all names.
  await asked('swift');
  expect(mock.requestsFor('swift')).toHaveLength(1);
  expect(await asked('mine/ok')).toBe(200);
});

const fetchAs = async (path: string): Promise<Response> => {
  const cookies = await watched.context.cookies();
  const cookie = cookies.map(({ name, value }) => `${name}=${value}`).join('; ');
  return fetch(`${gateway.url}${path}`, { headers: { cookie } });
};

test('a key with a budget says what is left of it, and has credit added', async () => {
  const { page } = watched;
  await page.goto(`${gateway.url}/ui/keys`);
  await page.getByRole('button', { name: 'New key' }).click();
  const form = page.getByRole('dialog');
  await form.getByLabel('Name', { exact: true }).fill('spender');
  await form.getByLabel('Budgets').fill('1.5/1d');
  await form.getByRole('button', { name: /^(Make|Save|Create)/ }).click();
  const once = page.getByRole('dialog', { name: 'Your new key' });
  await once.getByRole('button', { name: 'I have it' }).click();
  await page.getByRole('button', { name: 'spender' }).click();
  await page.getByText('$0 of $1.50').waitFor();
  await page.getByRole('button', { name: 'Add credit' }).click();
  const credit = page.getByRole('dialog', { name: 'Add credit to spender' });
  await credit.getByLabel('USD').fill('20');
  await credit.getByRole('button', { name: 'Add it' }).click();
  await page.getByText('$0 of $20.00').waitFor();
  await page.goto(`${gateway.url}/ui/keys?view=budgets`);
  await page.getByText(/Nobody hit a limit|of its calls/).waitFor();
});

test('a second factor is set up by its code, asked for when signing in, and turned off again', async () => {
  const { page } = watched;
  await page.goto(`${gateway.url}/ui/settings`);
  await page.getByRole('button', { name: 'Set it up' }).click();
  const dialog = page.getByRole('dialog', { name: 'Set up a second factor' });
  await dialog.getByRole('img', { name: 'QR code' }).waitFor();
  const secret = fromBase32((await dialog.locator('.secret code').textContent()) ?? '');
  await dialog.getByRole('textbox', { name: 'Code' }).fill('000000');
  await dialog.getByRole('button', { name: 'Turn it on' }).click();
  await dialog.getByText('The code is wrong').waitFor();
  // One step behind still counts, so that the next one is new.
  await dialog.getByRole('textbox', { name: 'Code' }).fill(codeAt(secret, stepOf(Date.now()) - 1));
  await dialog.getByRole('button', { name: 'Turn it on' }).click();
  await page.getByText('Signing in asks for a code from now on.').waitFor();

  await watched.context.clearCookies();
  await page.goto(`${gateway.url}/ui`);
  await signIn();
  await page.getByRole('textbox', { name: 'Code' }).fill(codeAt(secret, stepOf(Date.now())));
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('link', { name: 'Settings' }).click();
  await page.getByRole('button', { name: 'Turn it off' }).click();
  const off = page.getByRole('dialog', { name: 'Turn the second factor off' });
  await off.getByRole('textbox', { name: 'Code' }).fill(codeAt(secret, stepOf(Date.now()) + 1));
  await off.getByRole('button', { name: 'Turn it off' }).click();
  await page.getByText('A password is enough').waitFor();
});

function fromBase32(text: string): Buffer {
  const bits = [...text].map((letter) =>
    'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(letter).toString(2).padStart(5, '0'),
  );
  return Buffer.from((bits.join('').match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2)));
}
