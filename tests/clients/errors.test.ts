// Every failure must reach a client as its SDK's own typed error: by status, by broken stream, by wrong key or model.
import Anthropic from '@anthropic-ai/sdk';
import OpenAI from 'openai';
import { beforeAll, describe, expect, test } from 'vitest';
import { gateKey } from '../kit/gateway.ts';
import { useGateway } from '../kit/harness.ts';
import { sleep, waitUntil } from '../kit/wait.ts';

/** Stated, so that a name nobody offers exists. */
const models = [
  'ok',
  'text:*',
  'status:*',
  'html:*',
  'error-*',
  'cut-*',
  'end-*',
  'stall-*',
  '200-*',
  'truncated-*',
  'not-*',
  'empty-*',
];

/** Of who stalls: everybody else must not be given up on a machine that stands still. */
const brief = { models, retries: { max: 0 }, timeouts: { betweenTokensMs: 700 } };
const harness = useGateway((mock) => ({
  provider: { models },
  providers: {
    'oa-brief': { dialect: 'openai-chat', baseUrl: mock.openaiUrl, ...brief },
    'an-brief': { dialect: 'anthropic', baseUrl: mock.anthropicUrl, ...brief },
  },
}));
let openai: OpenAI;
let anthropic: Anthropic;
beforeAll(() => {
  openai = new OpenAI({ baseURL: `${harness.url}/v1`, apiKey: gateKey, maxRetries: 0 });
  anthropic = new Anthropic({ baseURL: harness.url, apiKey: gateKey, maxRetries: 0 });
});

const hello = [{ role: 'user' as const, content: 'hello' }];

interface SdkError extends Error {
  status?: number;
  headers?: Headers;
  requestID?: string | null;
  type?: string | null;
}

interface Caller {
  whole(model: string): Promise<unknown>;
  /** Consumes the raw event stream and returns the text. */
  stream(model: string, onText?: (text: string, abort: () => void) => void): Promise<string>;
  classes: Record<number, unknown>;
  apiError: unknown;
}

const callers: Record<string, Caller> = {
  openai: {
    whole: (model) => openai.chat.completions.create({ model, messages: hello }),
    async stream(model, onText) {
      const stream = await openai.chat.completions.create({ model, messages: hello, stream: true });
      let text = '';
      for await (const chunk of stream) {
        text += chunk.choices[0]?.delta.content ?? '';
        onText?.(text, () => stream.controller.abort());
      }
      return text;
    },
    classes: {
      400: OpenAI.BadRequestError,
      401: OpenAI.AuthenticationError,
      403: OpenAI.PermissionDeniedError,
      404: OpenAI.NotFoundError,
      409: OpenAI.ConflictError,
      422: OpenAI.UnprocessableEntityError,
      429: OpenAI.RateLimitError,
      500: OpenAI.InternalServerError,
      503: OpenAI.InternalServerError,
      529: OpenAI.InternalServerError,
    },
    apiError: OpenAI.APIError,
  },
  anthropic: {
    whole: (model) => anthropic.messages.create({ model, max_tokens: 100, messages: hello }),
    async stream(model, onText) {
      const stream = await anthropic.messages.create({
        model,
        max_tokens: 100,
        messages: hello,
        stream: true,
      });
      let text = '';
      for await (const event of stream) {
        if (event.type === 'content_block_delta' && event.delta.type === 'text_delta')
          text += event.delta.text;
        onText?.(text, () => stream.controller.abort());
      }
      return text;
    },
    classes: {
      400: Anthropic.BadRequestError,
      401: Anthropic.AuthenticationError,
      403: Anthropic.PermissionDeniedError,
      404: Anthropic.NotFoundError,
      409: Anthropic.ConflictError,
      422: Anthropic.UnprocessableEntityError,
      429: Anthropic.RateLimitError,
      500: Anthropic.InternalServerError,
      503: Anthropic.InternalServerError,
      529: Anthropic.InternalServerError,
    },
    apiError: Anthropic.APIError,
  },
};

async function failure(promise: Promise<unknown>): Promise<SdkError> {
  const outcome = await promise.then(
    (value) => ({ value }),
    (error: unknown) => ({ error }),
  );
  if (!('error' in outcome))
    throw new Error(`expected an error, got ${JSON.stringify(outcome.value)?.slice(0, 300)}`);
  return outcome.error as SdkError;
}

describe.each([
  ['openai', 'oa'],
  ['openai', 'an'],
  ['anthropic', 'an'],
  ['anthropic', 'oa'],
])('%s client, %s upstream', (client, provider) => {
  const caller = callers[client]!;

  test.each([400, 401, 403, 404, 409, 422, 429, 500, 503, 529])(
    'an upstream %i becomes the SDK class of that status, whole and streamed',
    async (status) => {
      for (const attempt of [caller.whole, caller.stream]) {
        const error = await failure(attempt(`${provider}/status:${status}`));
        expect(error).toBeInstanceOf(caller.classes[status]);
        expect(error.status).toBe(status);
        expect(error.message).toContain(`mock says ${status}`);
        expect(error.requestID).toBeTruthy();
      }
    },
  );

  test('Retry-After reaches the caller', async () => {
    const error = await failure(caller.whole(`${provider}/status:429:retry-after=17`));
    expect(error.headers?.get('retry-after')).toBe('17');
  });

  test("an upstream's HTML page becomes an error object", async () => {
    const error = await failure(caller.whole(`${provider}/html:502`));
    expect(error).toBeInstanceOf(caller.apiError);
    expect(error.status).toBe(502);
    expect(error.message).not.toContain('<html');
  });

  test('an error as the first event has its true status when nothing was sent yet', async () => {
    const error = await failure(caller.stream(`${provider}/error-first`));
    expect(error).toBeInstanceOf(caller.apiError);
    expect(error.message).toContain('the first event is an error');
  });

  test('an error in the middle of a stream raises', async () => {
    let seen = '';
    const error = await failure(caller.stream(`${provider}/error-after:3`, (text) => (seen = text)));
    expect(error).toBeInstanceOf(caller.apiError);
    expect(error.message).toContain('broke in the middle');
    expect(seen).toBe('Hello from the');
  });

  test.each(['cut-fin-after:3', 'cut-rst-after:3', 'cut-cl-after:3', 'end-after:3', 'cut-mid-event-after:3'])(
    'a stream that breaks off (%s) raises and never ends cleanly',
    async (fault) => {
      let seen = '';
      const error = await failure(caller.stream(`${provider}/${fault}`, (text) => (seen = text)));
      expect(error).toBeInstanceOf(caller.apiError);
      expect(seen).toBe('Hello from the');
    },
  );

  test('a stream that stalls raises', async () => {
    const error = await failure(caller.stream(`${provider}-brief/stall-after:3`));
    expect(error).toBeInstanceOf(caller.apiError);
  });

  test('a 200 that holds an error raises', async () => {
    const error = await failure(caller.whole(`${provider}/200-error`));
    expect(error).toBeInstanceOf(caller.apiError);
    expect(error.status).toBeGreaterThanOrEqual(500);
  });

  test.each(['truncated-json', 'not-json', 'empty-200', 'cut-cl', 'cut-rst', 'cut-fin'])(
    'a broken whole answer (%s) is a 5xx with an error object',
    async (fault) => {
      const error = await failure(caller.whole(`${provider}/${fault}`));
      expect(error).toBeInstanceOf(caller.apiError);
      expect(error.status).toBe(502);
    },
  );

  test('a client that aborts its stream has its upstream aborted at once', async () => {
    // It would never end by itself.
    await caller.stream(`${provider}/text:200+stall-after:20`, (text, abort) => {
      if (text.includes('t3')) abort();
    });
    await waitUntil(() => harness.mock.requests.some((each) => each.aborted), 'the abort');
  });

  test('an answer after failures is fine: nothing is left behind', async () => {
    await sleep(0);
    expect(await caller.stream(`${provider}/ok`)).toBe('Hello from the mock provider, all is well.');
  });
});

describe.each(['openai', 'anthropic'])('%s client and the gateway itself', (client) => {
  test('a wrong key is an AuthenticationError and reaches no upstream', async () => {
    const wrong = 'hg-wrong-key-000000000000000000000000000000';
    const attempt =
      client === 'openai'
        ? new OpenAI({ baseURL: `${harness.url}/v1`, apiKey: wrong, maxRetries: 0 }).chat.completions.create({
            model: 'oa/ok',
            messages: hello,
          })
        : new Anthropic({ baseURL: harness.url, apiKey: wrong, maxRetries: 0 }).messages.create({
            model: 'an/ok',
            max_tokens: 10,
            messages: hello,
          });
    const error = await failure(attempt);
    expect(error).toBeInstanceOf(callers[client]!.classes[401]);
    expect(error.message).not.toContain(wrong);
    expect(harness.mock.requests).toHaveLength(0);
  });

  test('an unknown model is a NotFoundError that names it', async () => {
    for (const model of ['nobody/has-this', 'nobody-has-this']) {
      const error = await failure(callers[client]!.whole(model));
      expect(error).toBeInstanceOf(callers[client]!.classes[404]);
      expect(error.message).toContain(model);
    }
    expect(harness.mock.requests).toHaveLength(0);
  });
});
