// The provider of the bench, a process of its own: `node bench/mock/server.ts PORT`. Answers from bytes made beforehand,
// in five dialects; how is set through POST /control (behaviour.ts), what it did is told by GET /usage.
import type { HttpResponse } from 'uWebSockets.js';
import { loadUws } from '../../src/http/exchange/loader.ts';
import type { Dialect, MockBehaviour } from '../contract.ts';
import { anthropic } from './anthropic.ts';
import { bedrock } from './bedrock.ts';
import { changed, DEFAULT_BEHAVIOUR } from './behaviour.ts';
import { gemini } from './gemini.ts';
import { openai } from './openai.ts';
import { createOtherEndpoints } from './other-endpoints.ts';
import { responses } from './responses.ts';
import { answerText, type DialectScript, MODEL, type PreparedStream } from './script.ts';
import { Streamed } from './streamed.ts';
import { TimerWheel } from './timer-wheel.ts';
import { Wants } from './wants.ts';

const SCRIPTS: Readonly<Record<Dialect, DialectScript>> = {
  openai,
  responses,
  anthropic,
  gemini,
  bedrock,
};
const STATUS: Readonly<Record<number, string>> = {
  429: '429 Too Many Requests',
  500: '500 Internal Server Error',
  503: '503 Service Unavailable',
  529: '529 Overloaded',
};

/** Everything of one dialect under the behaviour of the moment; made when first asked for. */
interface Prepared {
  script: DialectScript;
  answer: Buffer | null;
  stream: PreparedStream | null;
}

let behaviour: MockBehaviour = DEFAULT_BEHAVIOUR;
let prepared = new Map<Dialect, Prepared>();
let requests = 0;
const wheel = new TimerWheel({
  nowMs: () => performance.now(),
  after: (ms, run) => {
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  },
});

const uws = loadUws();
const app = uws.App();

function of(dialect: Dialect): Prepared {
  const known = prepared.get(dialect);
  if (known !== undefined) return known;
  const made: Prepared = { script: SCRIPTS[dialect], answer: null, stream: null };
  prepared.set(dialect, made);
  return made;
}

/** Serves calls of a dialect. `streamed` is null where the body decides. */
function serve(dialect: Dialect, streamed: boolean | null): (res: HttpResponse) => void {
  return (res) => receive(res, dialect, streamed);
}

function receive(res: HttpResponse, dialect: Dialect, streamed: boolean | null): void {
  const wants = new Wants();
  let open = true;
  let stream: Streamed | null = null;
  res.onAborted(() => {
    open = false;
    if (stream !== null) stream.over = true;
  });
  res.onData((part, isLast) => {
    if (!open) return;
    wants.push(Buffer.from(part), isLast);
    if (!isLast) return;
    requests++;
    const { delayMs, failEvery } = behaviour;
    const fails = failEvery > 0 && requests % failEvery === 0;
    const reply = (): void => {
      if (!open) return;
      if (fails && behaviour.failAs !== 'cut') fail(res, dialect);
      else if (streamed ?? wants.stream) stream = beginStream(res, dialect, wants.usage, fails);
      else if (!fails) answer(res, dialect);
      else {
        answerHalf(res, dialect);
        // What was written leaves when this turn ends; a socket closed before that takes it along.
        setImmediate(() => open && res.close());
      }
    };
    if (delayMs === 0) reply();
    else wheel.add({ dueMs: 0, tick: reply }, wheel.nowMs() + delayMs);
  });
}

function answerBytes(dialect: Dialect): Buffer {
  const all = of(dialect);
  all.answer ??= Buffer.from(all.script.answer(answerText(behaviour.answerBytes)));
  return all.answer;
}

function answer(res: HttpResponse, dialect: Dialect): void {
  res.cork(() => res.writeHeader('content-type', 'application/json').end(answerBytes(dialect)));
}

function answerHalf(res: HttpResponse, dialect: Dialect): void {
  const bytes = answerBytes(dialect);
  res.cork(() => {
    res.writeHeader('content-type', 'application/json');
    res.tryEnd(bytes.subarray(0, bytes.length >> 1), bytes.length);
  });
}

function beginStream(res: HttpResponse, dialect: Dialect, usage: boolean, cut: boolean): Streamed {
  const all = of(dialect);
  all.stream ??= all.script.stream(behaviour.deltas);
  const { everyMs, deltas } = behaviour;
  const cutAt = cut ? deltas >> 1 : Number.POSITIVE_INFINITY;
  const stream = new Streamed(res, wheel, { prepared: all.stream, usage, everyMs, cutAt });
  stream.begin();
  return stream;
}

function fail(res: HttpResponse, dialect: Dialect): void {
  const { failAs } = behaviour;
  if (typeof failAs === 'string') {
    res.close();
    return;
  }
  res.cork(() => {
    res.writeStatus(STATUS[failAs]!).writeHeader('content-type', 'application/json');
    res.end(of(dialect).script.failure(failAs));
  });
}

function json(res: HttpResponse, value: unknown, status = '200 OK'): void {
  res.cork(() => {
    res.writeStatus(status).writeHeader('content-type', 'application/json').end(JSON.stringify(value));
  });
}

app.post('/v1/chat/completions', serve('openai', null));
app.post('/chat/completions', serve('openai', null));
app.post('/v1/responses', serve('responses', null));
app.post('/v1/messages', serve('anthropic', null));
app.post('/model/:model/converse', serve('bedrock', false));
app.post('/model/:model/converse-stream', serve('bedrock', true));
for (const version of ['v1', 'v1beta']) {
  app.post(`/${version}/models/:call`, (res, req) => {
    const call = req.getParameter(0) ?? '';
    if (call.endsWith(':generateContent')) receive(res, 'gemini', false);
    else if (call.endsWith(':streamGenerateContent')) receive(res, 'gemini', true);
    else
      json(
        res,
        { error: { code: 404, message: `no such call: ${call}`, status: 'NOT_FOUND' } },
        '404 Not Found',
      );
  });
}

const others = createOtherEndpoints(() => behaviour.answerBytes);
app.post('/v1/embeddings', (res) => {
  requests++;
  others.embeddings(res);
});
app.post('/v1/audio/transcriptions', (res) => {
  requests++;
  others.transcriptions(res);
});

const MODELS = { object: 'list', data: [{ id: MODEL, object: 'model', created: 0, owned_by: 'bench' }] };
app.get('/v1/models', (res) => json(res, MODELS));
app.get('/models', (res) => json(res, MODELS));
app.get('/v1beta/models', (res) =>
  json(res, {
    models: [
      {
        name: `models/${MODEL}`,
        displayName: MODEL,
        supportedGenerationMethods: ['generateContent', 'streamGenerateContent'],
      },
    ],
  }),
);

app.post('/control', (res) => {
  let text = '';
  res.onAborted(() => {});
  res.onData((part, isLast) => {
    text += Buffer.from(part).toString();
    if (!isLast) return;
    try {
      const { reset = false, ...change } = JSON.parse(text) as { reset?: boolean };
      behaviour = changed(reset ? DEFAULT_BEHAVIOUR : behaviour, change);
      prepared = new Map();
      json(res, behaviour);
    } catch (error) {
      json(res, { error: String(error) }, '400 Bad Request');
    }
  });
});

app.get('/usage', (res) => {
  const { user, system } = process.cpuUsage();
  json(res, { requests, cpuMicros: user + system });
});

app.any('/*', (res, req) =>
  json(res, { error: { message: `no such path: ${req.getUrl()}` } }, '404 Not Found'),
);

const port = Number(process.argv[2] ?? 0);
app.listen('127.0.0.1', port, (socket) => {
  if (socket === false) throw new Error(`port ${port} is taken`);
  process.stdout.write(`listening ${uws.us_socket_local_port(socket)}\n`);
});
