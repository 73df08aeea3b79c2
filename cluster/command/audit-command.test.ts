import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import { AdminCallError } from './admin-client.ts';
import { UsageError } from './usage.ts';
import { readAuditCommand, runAuditCommand } from './audit-command.ts';

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

/** A gateway that gives one answer. @returns what a command prints and how it ends */
async function run(
  words: string,
  answer: { status?: number; body: string; cut?: boolean },
): Promise<{ printed: string; code: number; asked: string }> {
  let asked = '';
  const server = createServer((request, response) => {
    asked = `${request.url} ${request.headers.authorization}`;
    response.writeHead(answer.status ?? 200);
    response.write(answer.body);
    if (answer.cut === true) response.destroy();
    else response.end();
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  let printed = '';
  const command = readAuditCommand([...words.split(' '), '--url', url]);
  const code = await runAuditCommand(command, { HEADGATE_ADMIN_TOKEN: 'hga-x' }, (text) => {
    printed += text;
  });
  return { printed, code, asked };
}

it.each([
  ['audit verify', '/api/audit/verify'],
  ['audit export', '/api/audit/export'],
  ['audit export --format syslog --after 12', '/api/audit/export?format=syslog&after=12'],
  ['audit list --action key.create --limit 9', '/api/audit?action=key.create&limit=9'],
])('%s', (words, path) => {
  expect(readAuditCommand(words.split(' '))).toMatchObject({ path });
});

it.each([
  ['audit', 'say one of audit list'],
  ['audit exprot', 'did you mean `export`?'],
  ['audit verify now', 'too many words'],
  ['audit verify --format syslog', 'takes no --format'],
  ['audit list --nope', 'options of `audit` are'],
])('%s is refused with a hint', (words, hint) => {
  expect(() => readAuditCommand(words.split(' '))).toThrow(UsageError);
  expect(() => readAuditCommand(words.split(' '))).toThrow(hint);
});

it('exports the lines as they come, and says when they broke off', async () => {
  const lines = '{"sequence":1}\n{"sequence":2}\n';
  expect(await run('audit export', { body: lines })).toEqual({
    printed: lines,
    code: 0,
    asked: '/api/audit/export Bearer hga-x',
  });
  await expect(run('audit export', { body: lines, cut: true })).rejects.toThrow(AdminCallError);
  const refused = JSON.stringify({ error: { message: 'The role viewer may not read this.' } });
  await expect(run('audit export', { status: 403, body: refused })).rejects.toThrow('may not read this');
});

it('verify ends with 1 when entries were altered, and names them', async () => {
  const fine = JSON.stringify({ ok: true, entries: 7, faults: [] });
  expect(await run('audit verify', { body: fine })).toMatchObject({
    code: 0,
    printed: '7 entries, 0 faults\n',
  });
  const altered = JSON.stringify({ ok: false, entries: 7, faults: [{ sequence: 3, fault: 'altered' }] });
  expect(await run('audit verify', { body: altered })).toMatchObject({
    code: 1,
    printed: 'entry 3: altered\n7 entries, 1 fault\n',
  });
});

it('lists entries as lines that no terminal obeys', async () => {
  const entry = {
    sequence: 5,
    at: Date.UTC(2027, 0, 1),
    outcome: 'denied',
    initiator: 'admin:\u001b[31mada\n',
    action: 'key.create',
  };
  const { printed } = await run('audit list', { body: JSON.stringify({ items: [entry], next: null }) });
  expect(printed).toBe('2027-01-01T00:00:00.000Z  5  denied  admin:?[31mada?  key.create  -  -  -\n');
});
