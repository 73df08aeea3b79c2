// A client that reads slowly or not at all, while its upstream floods (faults.md C03): bounded memory, a paused upstream,
// a cut after clientProgressMs, and no loss for one that is merely slow.
import { describe, expect, test } from 'vitest';
import { call, chatBody, chatPath, messagesBody, messagesPath } from '../kit/client.ts';
import { gateKey } from '../kit/gateway.ts';
import { useGateway } from '../kit/harness.ts';
import { mockAnthropic } from '../kit/mock-anthropic.ts';
import { mockOpenai } from '../kit/mock-openai.ts';
import { childrenOf, hasProc, residentBytes } from '../kit/process.ts';
import { rawClient } from '../kit/raw.ts';
import { sleep, waitUntil } from '../kit/wait.ts';

const clientProgressMs = 4_000;
const harness = useGateway({ server: { clientProgressMs } });
/** For who reads in the end, however long the machine stood still meanwhile. */
const patient = useGateway();

const request = (path: string, body: object) => {
  const text = JSON.stringify({ ...body, stream: true });
  return `POST ${path} HTTP/1.1\r\nHost: gate\r\nAuthorization: Bearer ${gateKey}\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(text)}\r\n\r\n${text}`;
};

const floods = [
  ['OpenAI', chatPath, chatBody('oa/fast-flood:400000000')],
  ['Anthropic', messagesPath, messagesBody('an/fast-flood:400000000')],
  ['OpenAI from Anthropic', chatPath, chatBody('an/fast-flood:400000000')],
  ['Anthropic from OpenAI', messagesPath, messagesBody('oa/fast-flood:400000000')],
] as const;

const worker = () => childrenOf(harness.gateway.pid)[0] ?? harness.gateway.pid;

describe.each(floods)('%s stream', (_, path, body) => {
  test.runIf(hasProc)(
    'C03: clients that never read pause their upstreams, cost little memory and are cut',
    async () => {
      const before = residentBytes(worker());
      const clients = await Promise.all(
        Array.from({ length: 8 }, () => rawClient(harness.port, { reading: false })),
      );
      for (const client of clients) await client.send(request(path, body));
      await waitUntil(() => harness.mock.requests.length === 8, 'all floods to begin');
      const sent = () => harness.mock.requests.reduce((sum, each) => sum + each.bytesOut, 0);
      let last = -1;
      await waitUntil(
        async () => {
          last = sent();
          await sleep(300);
          return sent() === last;
        },
        'the upstreams to be paused',
        // Filling every buffer takes as long as this machine needs; the gateway's clock begins when they are full.
        20_000,
      );
      // What the kernel's buffers of two loopback sockets may hold (tcp_rmem, tcp_wmem: some allow tens of MB each), and
      // nothing like 400 MB.
      expect(sent() / 8).toBeLessThan(100_000_000);
      expect(residentBytes(worker()) - before).toBeLessThan(80_000_000);
      await waitUntil(
        () => harness.mock.requests.every((each) => each.aborted),
        'the upstreams to be aborted',
        clientProgressMs + 10_000,
      );
      for (const client of clients) client.destroy();
      const next = await call(harness, chatPath, { body: chatBody('oa/ok') });
      expect(next.status).toBe(200);
    },
  );

  test('a reader that is slow but steady gets everything', async () => {
    const size = 30_000_000;
    const flood = JSON.parse(JSON.stringify(body).replace('400000000', String(size)));
    const client = await rawClient(patient.port, { reading: false });
    await client.send(request(path, flood));
    // Pauses long enough for every buffer on the way to fill, several times.
    await sleep(600);
    client.read();
    for (let round = 0; round < 6 && !client.closed; round++) {
      await sleep(60);
      client.socket.pause();
      await sleep(250);
      client.socket.resume();
    }
    const terminal = path === chatPath ? 'data: [DONE]' : 'event: message_stop';
    await waitUntil(() => client.tail(200).includes(terminal), 'the end of the stream', 15_000, 50);
    const text = (await client.answer()).body;
    expect(text.match(/x{1000}/g)).toHaveLength(sentEvents(size));
    client.destroy();
  });
});

/** How many kilobyte events the mock sent for a flood of `size`: whole blocks of 16 until the size is reached. */
function sentEvents(size: number): number {
  const { model, path } = patient.mock.lastRequest();
  const dialect = path === messagesPath ? mockAnthropic : mockOpenai;
  const block = dialect.filler(model, 1000).length * 16;
  return 16 * Math.ceil(size / block);
}
