// How the mock provider answers one chat request: the good way, or with the fault its model name asks for.
import { gzipSync } from 'node:zlib';
import { pick } from './json.ts';
import type { MockDialect, MockFault, WireEvent } from './mock-dialect.ts';
import type { MockExchange } from './mock-exchange.ts';
import { givenBeginning, makePlan, Script } from './mock-script.ts';
import { tooLong } from './mock-too-long.ts';
import { vendorComplaint } from './strict-vendor.ts';

/** What outlives one request. */
export interface MockMemory {
  /** How often a model was called. */
  calls: Map<string, number>;
  /** Gates by name; a promise that resolves when the test opens the gate. */
  gate(name: string): Promise<void>;
}

const faultFor = (status: number, message = `mock says ${status}`): MockFault => ({
  status,
  message,
  type: null,
  code: null,
});

/** Answers `exchange` in `dialect` as the model name says. @param vendor Refuse what this vendor refuses of the dialect. */
export async function answerChat(
  exchange: MockExchange,
  dialect: MockDialect,
  memory: MockMemory,
  vendor: string | null = null,
): Promise<void> {
  const { request } = exchange;
  const script = new Script(request.model);
  const calls = (memory.calls.get(request.model) ?? 0) + 1;
  memory.calls.set(request.model, calls);
  const complaints = script.has('lax') ? [] : dialect.check(request.json, request.headers, request.model);
  const strict = vendor === null ? null : vendorComplaint(vendor, dialect.name, request.json);
  if (strict !== null) complaints.push(strict);
  if (complaints.length > 0) return refuse(exchange, dialect, faultFor(400, complaints.join('; ')), {});
  if (script.has('no-prefill') && givenBeginning(request.json) !== null)
    return refuse(
      exchange,
      dialect,
      faultFor(400, 'This model does not support assistant message prefill.'),
      {},
    );
  if (script.has('too-long')) return refuse(exchange, dialect, tooLong(dialect.name), {});
  if (await beforeHead(exchange, script, memory)) return;
  if (await refused(exchange, dialect, script, calls)) return;
  const split = script.number('split', 1);
  if (split !== null) exchange.splitEvery(split);
  const asked =
    pick(request.json, 'stream') === true || /(:streamGenerateContent|-stream)$/.test(request.path);
  if (script.has('streams') || (asked && !script.has('whole')))
    await stream(exchange, dialect, script, memory);
  else await whole(exchange, dialect, script);
}

/** Faults that need no answer at all. True when the exchange is over. */
async function beforeHead(exchange: MockExchange, script: Script, memory: MockMemory): Promise<boolean> {
  const gate = script.text('gate');
  if (gate !== null) await exchange.hold(memory.gate(gate));
  await exchange.sleep(script.number('slow-head', 1000) ?? 0);
  if (script.has('never-head')) await exchange.forever();
  if (script.has('reset')) exchange.reset();
  else if (script.has('fin')) exchange.cut();
  else if (script.has('half-head')) {
    await exchange.raw('HTTP/1.1 200 OK\r\ncontent-ty');
    exchange.cut();
  } else if (script.has('not-http')) {
    await exchange.raw('SSH-2.0-mock\r\n');
    exchange.cut();
  } else return exchange.gone;
  return true;
}

/** Refusals by status, by key, or for the first calls only. */
async function refused(
  exchange: MockExchange,
  dialect: MockDialect,
  script: Script,
  calls: number,
): Promise<boolean> {
  const { headers } = exchange.request;
  const given =
    headers['authorization']?.replace(/^Bearer /, '') ??
    headers['x-api-key'] ??
    headers['x-goog-api-key'] ??
    '';
  const flaky = script.number('flaky', 1);
  if (flaky !== null && calls <= flaky) {
    const kind = script.text('flaky', 1) ?? '503';
    if (kind === 'reset') exchange.reset();
    else if (kind === 'fin') exchange.cut();
    else if (kind === 'hang') await exchange.forever();
    else await refuse(exchange, dialect, faultFor(Number(kind)), script.options('flaky'));
    return true;
  }
  if (script.text('bad-key') === given) {
    await refuse(
      exchange,
      dialect,
      faultFor(script.number('bad-key', 429, 1) ?? 429),
      script.options('bad-key'),
    );
    return true;
  }
  const html = script.number('html', 502);
  if (html !== null) {
    const page = `<html><head><title>${html} Bad Gateway</title></head><body>cloud edge</body></html>`;
    await send(exchange, html, { 'content-type': 'text/html' }, page);
    return true;
  }
  const status = script.number('status', 500);
  if (script.has('leak-key')) {
    const fault = faultFor(status ?? 401, `Incorrect API key provided: ${given}. (${given.slice(0, 12)}...)`);
    await refuse(exchange, dialect, fault, script.options('leak-key'));
    return true;
  }
  if (status === null) return false;
  if (script.has('empty-body')) await send(exchange, status, {}, '');
  else await refuse(exchange, dialect, faultFor(status), script.options('status'));
  return true;
}

async function refuse(
  exchange: MockExchange,
  dialect: MockDialect,
  fault: MockFault,
  options: Record<string, string>,
): Promise<void> {
  const { type, code, ...headers } = options;
  const full = { ...fault, type: type ?? fault.type, code: code ?? fault.code };
  const { serial } = exchange.request;
  await send(
    exchange,
    fault.status,
    {
      'content-type': 'application/json',
      ...dialect.headers(serial),
      ...dialect.errorHeaders?.(full),
      ...headers,
    },
    dialect.error(full, serial),
  );
}

async function send(
  exchange: MockExchange,
  status: number,
  headers: Record<string, string>,
  content: string | Buffer,
): Promise<void> {
  const bytes = Buffer.from(content);
  await exchange.head(status, { ...headers, 'content-length': String(bytes.length) });
  await exchange.body(bytes);
  exchange.done();
}

async function whole(exchange: MockExchange, dialect: MockDialect, script: Script): Promise<void> {
  const { request } = exchange;
  const type = script.text('labelled') ?? 'application/json';
  const headers = { 'content-type': type, ...dialect.headers(request.serial) };
  const plan = makePlan(script, request.model, request.json, request.serial);
  let text = script.has('exotic') ? dialect.exoticAnswer : dialect.answer(plan);
  if (script.has('own-format')) text = dialect.ownFormat?.answer ?? text;
  if (script.has('200-error')) text = dialect.error(faultFor(500, 'failed although 200'), request.serial);
  if (script.has('truncated-json')) text = text.slice(0, Math.floor(text.length / 2));
  if (script.has('not-json')) text = 'upstream is having a nap';
  if (script.has('empty-200')) text = '';
  if (script.has('smuggle')) return smuggle(exchange, script, text);
  if (script.has('gzip-garbage') || script.has('gzip-cut')) return badGzip(exchange, script, headers, text);
  if (script.has('interim')) await exchange.raw('HTTP/1.1 100 Continue\r\n\r\n');
  const drip = script.number('drip', 100);
  if (drip !== null) return dripWhole(exchange, headers, text, drip);
  if (script.has('gzip'))
    return send(exchange, 200, { ...headers, 'content-encoding': 'gzip' }, gzipSync(text));
  const flood = script.number('flood', 1_000_000_000);
  if (flood !== null) return floodWhole(exchange, headers, flood);
  if (script.has('cut-cl') || script.has('cut-rst') || script.has('cut-fin')) {
    const framing = script.has('cut-cl')
      ? { 'content-length': String(Buffer.byteLength(text) + 500) }
      : { 'transfer-encoding': 'chunked' };
    await exchange.head(200, { ...headers, ...framing });
    await exchange.body(text.slice(0, 60));
    await exchange.sleep(20);
    if (script.has('cut-rst')) exchange.reset();
    else exchange.cut();
    return;
  }
  if (!script.has('chunked')) return send(exchange, 200, headers, text);
  await exchange.head(200, { ...headers, 'transfer-encoding': 'chunked' });
  await exchange.body(text);
  await exchange.finish();
  exchange.done();
}

/** A body that says it is compressed: it is not, or half of it is missing. */
async function badGzip(
  exchange: MockExchange,
  script: Script,
  headers: Record<string, string>,
  text: string,
): Promise<void> {
  const packed = gzipSync(text);
  const bytes = script.has('gzip-cut') ? packed.subarray(0, packed.length / 2) : text;
  await send(exchange, 200, { ...headers, 'content-encoding': 'gzip' }, bytes);
}

/** A body of which one byte comes at a time. */
async function dripWhole(
  exchange: MockExchange,
  headers: Record<string, string>,
  text: string,
  everyMs: number,
): Promise<void> {
  const bytes = Buffer.from(text);
  await exchange.head(200, { ...headers, 'content-length': String(bytes.length) });
  for (let at = 0; at < bytes.length && !exchange.gone; at++) {
    await exchange.body(bytes.subarray(at, at + 1));
    await exchange.sleep(everyMs);
  }
  exchange.done();
}

/** An unary body that never seems to end. */
async function floodWhole(
  exchange: MockExchange,
  headers: Record<string, string>,
  bytes: number,
): Promise<void> {
  const block = Buffer.alloc(65_536, 0x20);
  await exchange.head(200, { ...headers, 'content-length': String(bytes) });
  for (let sent = 0; sent < bytes && !exchange.gone; sent += block.length)
    await exchange.body(block.subarray(0, Math.min(block.length, bytes - sent)));
  exchange.done();
}

/** Answers whose framing must not be trusted. */
async function smuggle(exchange: MockExchange, script: Script, text: string): Promise<void> {
  const kind = script.text('smuggle');
  const length = Buffer.byteLength(text);
  const head = 'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n';
  const second = `HTTP/1.1 200 OK\r\ncontent-length: 21\r\n\r\n{"smuggled":"answer"}`;
  if (kind === 'two-cl')
    await exchange.raw(`${head}content-length: ${length}\r\ncontent-length: 5\r\n\r\n${text}`);
  else if (kind === 'cl-te')
    await exchange.raw(
      `${head}content-length: 4\r\ntransfer-encoding: chunked\r\n\r\n${length.toString(16)}\r\n${text}\r\n0\r\n\r\n`,
    );
  else if (kind === 'trailing')
    await exchange.raw(`${head}content-length: ${length}\r\n\r\n${text}${second}`);
  else if (kind === 'bare-lf') await exchange.raw(`HTTP/1.1 200 OK\ncontent-length: ${length}\n\n${text}`);
  else if (kind === '1xx')
    await exchange.raw(
      `${'HTTP/1.1 103 Early Hints\r\nlink: </x>\r\n\r\n'.repeat(2000)}${head}content-length: ${length}\r\n\r\n${text}`,
    );
  else if (kind === 'headers') {
    const many = Array.from({ length: 100_000 }, (_, index) => `x-h${index}: ${index}\r\n`).join('');
    await exchange.raw(`${head}${many}content-length: ${length}\r\n\r\n${text}`);
  }
  exchange.done();
}

async function stream(
  exchange: MockExchange,
  dialect: MockDialect,
  script: Script,
  memory: MockMemory,
): Promise<void> {
  const { request } = exchange;
  if (dialect.binary === true) exchange.encoding = 'latin1';
  if (script.has('interim')) await exchange.raw('HTTP/1.1 100 Continue\r\n\r\n');
  if (script.has('gzip-garbage') || script.has('gzip-cut')) {
    const type = dialect.contentType ?? 'text/event-stream; charset=utf-8';
    const plan = makePlan(script, request.model, request.json, request.serial);
    const text = dialect.events(plan, { includeUsage: false }).map((event) => event.text);
    return badGzip(exchange, script, { 'content-type': type }, text.join(''));
  }
  const framing = script.has('cut-cl-after')
    ? { 'content-length': '1000000' }
    : { 'transfer-encoding': 'chunked' };
  await exchange.head(200, {
    'content-type': script.text('labelled') ?? dialect.contentType ?? 'text/event-stream; charset=utf-8',
    'cache-control': 'no-cache',
    ...dialect.headers(request.serial),
    ...framing,
  });
  const own = script.has('own-format') ? (dialect.ownFormat?.stream ?? null) : null;
  const text = script.has('exotic') ? dialect.exoticStream : own;
  if (text !== null) {
    await exchange.body(text);
    await exchange.finish();
    return exchange.done();
  }
  await exchange.sleep(script.number('slow-first', 1000) ?? 0);
  if (script.has('error-first') || script.has('200-error')) {
    const status = script.number('error-first', 500) ?? 500;
    await exchange.body(dialect.errorEvent(faultFor(status, 'the first event is an error')));
    await exchange.finish();
    return exchange.done();
  }
  const plan = makePlan(script, request.model, request.json, request.serial);
  const includeUsage = pick(request.json, 'stream_options.include_usage') === true;
  const events = dialect.events(plan, { includeUsage });
  if (script.has('fast-flood')) return flood(exchange, dialect, script, events);
  const over = await play(exchange, dialect, script, memory, events);
  if (over) return;
  await exchange.finish();
  exchange.done();
}

/** Sends the events with the faults that count content. True when the exchange ended inside. */
async function play(
  exchange: MockExchange,
  dialect: MockDialect,
  script: Script,
  memory: MockMemory,
  events: WireEvent[],
): Promise<boolean> {
  const pace = script.number('pace', 20);
  let content = 0;
  let batch = '';
  if (await faultAt(exchange, dialect, script, memory, 0)) return true;
  if (script.has('bom')) batch = '\ufeff';
  for (const event of events) {
    if (exchange.gone) return true;
    if (event.part !== 'open' && (await faultBeforeContent(exchange, dialect, script))) return true;
    if (event.part === 'done' && script.has('no-done')) {
      // `no-done:hold` also leaves the connection open, as some servers do.
      if (script.text('no-done') === 'hold') await exchange.forever();
      continue;
    }
    if (event.part === 'finish' && script.has('no-finish')) continue;
    if (script.has('comments')) batch += ': keep-alive\n\n';
    const huge = event.content && content === 1 ? script.number('huge-event', 2_000_000) : null;
    batch += spelled(huge === null ? event.text : dialect.filler(exchange.request.model, huge), script);
    if (script.has('one-write') && event.part !== 'done') continue;
    await exchange.body(batch);
    batch = '';
    if (event.part === 'done' && script.has('bytes-after-done'))
      await exchange.body('data: {"late":true}\n\n: bye\n\n');
    if (!event.content) continue;
    content++;
    if (await faultAt(exchange, dialect, script, memory, content)) return true;
    if (pace !== null) await exchange.sleep(pace);
  }
  if (batch !== '') await exchange.body(batch);
  return false;
}

/** Faults behind the opening events, which carry no content yet. True when the exchange is over. */
async function faultBeforeContent(
  exchange: MockExchange,
  dialect: MockDialect,
  script: Script,
): Promise<boolean> {
  if (script.has('cut-open')) {
    await exchange.sleep(20);
    exchange.cut();
    return true;
  }
  const status = script.number('error-open', 500);
  if (status === null) return false;
  await exchange.body(dialect.errorEvent(faultFor(status, 'failed before any content')));
  await exchange.finish();
  exchange.done();
  return true;
}

function spelled(event: string, script: Script): string {
  if (script.has('crlf')) return event.replaceAll('\n', '\r\n');
  if (script.has('cr')) return event.replaceAll('\n', '\r');
  return event;
}

/** What happens behind content event number `count`. True when the exchange is over. */
async function faultAt(
  exchange: MockExchange,
  dialect: MockDialect,
  script: Script,
  memory: MockMemory,
  count: number,
): Promise<boolean> {
  const here = (name: string) => script.number(name, 5) === count;
  if (here('gate-after')) await exchange.hold(memory.gate(script.text('gate-after', 1) ?? 'gate'));
  const garbage = dialect.binary
    ? `${dialect.filler(exchange.request.model, 9).slice(0, -1)}!`
    : `${dialect.name === 'anthropic' ? 'event: content_block_delta\n' : ''}data: {"oops":\n\n`;
  if (here('garbage-after')) await exchange.body(garbage);
  if (here('garbage-run')) await exchange.body(garbage.repeat(6));
  if (here('pause-after')) await exchange.sleep(script.number('pause-after', 1000, 1) ?? 0);
  if (here('stall-after')) await exchange.forever();
  else if (here('ping-stall-after')) {
    const ping = dialect.name === 'anthropic' ? 'event: ping\ndata: {"type":"ping"}\n\n' : ': ping\n\n';
    while (!exchange.gone) {
      if (!dialect.binary) await exchange.body(ping);
      await exchange.sleep(50);
    }
  } else if (here('error-after')) {
    const status = script.number('error-after', 500, 1) ?? 500;
    await exchange.body(dialect.errorEvent(faultFor(status, 'broke in the middle')));
    await exchange.finish();
    exchange.done();
    return true;
  } else if (here('cut-fin-after') || here('cut-cl-after')) {
    await exchange.sleep(20);
    exchange.cut();
    return true;
  } else if (here('cut-mid-event-after')) {
    await exchange.body(
      dialect.binary ? dialect.filler('', 9).slice(0, 40) : 'data: {"id":"chatcmpl-x","choi',
    );
    await exchange.sleep(20);
    exchange.cut();
    return true;
  } else if (here('cut-rst-after')) {
    await exchange.sleep(20);
    exchange.reset();
    return true;
  } else if (here('end-after')) {
    await exchange.finish();
    exchange.done();
    return true;
  }
  return exchange.gone;
}

/** As fast as the socket takes it. */
async function flood(
  exchange: MockExchange,
  dialect: MockDialect,
  script: Script,
  events: WireEvent[],
): Promise<void> {
  const total = script.number('fast-flood', 1_000_000_000) ?? 0;
  const block = dialect.filler(exchange.request.model, 1000).repeat(16);
  for (const event of events.filter((each) => each.part === 'open').slice(0, 2))
    await exchange.body(event.text);
  for (let sent = 0; sent < total && !exchange.gone; sent += block.length) await exchange.body(block);
  for (const event of events.filter((each) => each.part !== 'open' && each.part !== 'body'))
    await exchange.body(event.text);
  await exchange.finish();
  exchange.done();
}
