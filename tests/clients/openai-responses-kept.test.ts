// The real `openai` package and what the gateway keeps for it: turns that build on others, reads, lists, background, streams
// taken up again, conversations. Over upstreams that keep nothing.
import OpenAI from 'openai';
import { beforeAll, describe, expect, test } from 'vitest';
import { gateKey } from '../kit/gateway.ts';
import { useGateway } from '../kit/harness.ts';
import { waitUntil } from '../kit/wait.ts';

const harness = useGateway({ dialects: true });
let client: OpenAI;
beforeAll(() => {
  client = new OpenAI({ baseURL: `${harness.url}/v1`, apiKey: gateKey, maxRetries: 0 });
});
const plainText = 'Hello from the mock provider, all is well.';
const sent = (): string => JSON.stringify(harness.mock.lastRequest().json);

describe.each(['rs', 'oa', 'an'])('an upstream that keeps nothing (%s)', (provider) => {
  const model = `${provider}/ok`;

  test('a turn is built on, read, listed and deleted', async () => {
    const first = await client.responses.create({ model, input: 'I am Ada' });
    const second = await client.responses.create({
      model,
      input: 'who am I?',
      previous_response_id: first.id,
    });
    expect(sent()).toContain('I am Ada');
    const read = await client.responses.retrieve(second.id);
    expect(read).toMatchObject({ id: second.id, status: 'completed', output_text: plainText });
    const items: string[] = [];
    for await (const item of client.responses.inputItems.list(second.id, { order: 'asc', limit: 1 }))
      items.push(JSON.stringify(item));
    expect(items).toHaveLength(3);
    expect(items[0]).toContain('I am Ada');
    expect(items[2]).toContain('who am I?');
    await client.responses.delete(second.id);
    const gone = await client.responses.retrieve(second.id).catch((cause: unknown) => cause);
    expect(gone).toBeInstanceOf(OpenAI.NotFoundError);
  });

  test('a response runs in the background and is polled', async () => {
    const queued = await client.responses.create({ model, input: 'hi', background: true });
    expect(queued.status).toBe('queued');
    const done = await waitUntil(async () => {
      const now = await client.responses.retrieve(queued.id);
      return now.status === 'completed' ? now : null;
    }, 'the response to be done');
    expect(done.output_text).toBe(plainText);
  });

  test('a stream is taken up behind the event that was seen last', async () => {
    const { id } = await client.responses.create({ model, input: 'hi' });
    const whole: number[] = [];
    let text = '';
    for await (const event of await client.responses.retrieve(id, { stream: true })) {
      whole.push(event.sequence_number);
      if (event.type === 'response.output_text.delta') text += event.delta;
    }
    expect(text).toBe(plainText);
    const rest: number[] = [];
    for await (const event of await client.responses.retrieve(id, { stream: true, starting_after: 2 }))
      rest.push(event.sequence_number);
    expect(rest).toEqual(whole.slice(3));
  });

  test('a stream of a turn is kept as a whole answer is', async () => {
    const stream = client.responses.stream({ model, input: 'hi there' });
    const { id } = await stream.finalResponse();
    await client.responses.create({ model, input: 'go on', previous_response_id: id });
    expect(sent()).toContain('hi there');
    expect(sent()).toContain(plainText);
  });
});

test('a response in the background is cancelled', async () => {
  const queued = await client.responses.create({ model: 'an/never-head', input: 'hi', background: true });
  expect(await client.responses.cancel(queued.id)).toMatchObject({ id: queued.id, status: 'cancelled' });
  await expect.poll(() => harness.mock.running()).toBe(0);
});

test('a conversation is made, talked in, listed, changed and deleted', async () => {
  const conversation = await client.conversations.create({
    metadata: { topic: 'names' },
    items: [{ type: 'message', role: 'user', content: 'I am Ada' }],
  });
  const said = await client.responses.create({
    model: 'an/ok',
    input: 'who am I?',
    conversation: conversation.id,
  });
  expect(said.conversation?.id).toBe(conversation.id);
  expect(sent()).toContain('I am Ada');
  const items = [];
  for await (const item of client.conversations.items.list(conversation.id, { order: 'asc' }))
    items.push(item);
  expect(items).toHaveLength(3);
  const changed = await client.conversations.update(conversation.id, { metadata: { topic: 'others' } });
  expect(changed.metadata).toEqual({ topic: 'others' });
  const added = await client.conversations.items.create(conversation.id, {
    items: [{ type: 'message', role: 'user', content: 'more' }],
  });
  await client.conversations.items.delete(added.data[0]!.id!, { conversation_id: conversation.id });
  expect(await client.conversations.delete(conversation.id)).toMatchObject({ deleted: true });
  await expect(client.conversations.retrieve(conversation.id)).rejects.toThrow(OpenAI.NotFoundError);
});
