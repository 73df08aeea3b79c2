// How the mock provider answers with a stream, and what befalls the stream: by its beginning, its events, and how many were sent.
import { pick } from './json.ts';
import { faultFor, type MockDialect, type WireEvent } from './mock-dialect.ts';
import type { MockExchange } from './mock-exchange.ts';
import type { MockMemory } from './mock-memory.ts';
import { makePlan, type Script } from './mock-script.ts';
import { badGzip } from './mock-whole.ts';

/** Answers with a stream of events, as `script` wants it. */
export async function stream(
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
  const together = writtenTogether(script);
  let content = 0;
  let batch = '';
  if (await faultAt(exchange, dialect, script, memory, 0)) return true;
  if (script.has('bom')) batch = '\ufeff';
  for (const event of events) {
    if (exchange.gone) return true;
    if (event.part !== 'open' && (await faultBeforeContent(exchange, dialect, script))) return true;
    if (event.part === 'done' && script.has('no-done')) {
      // `no-done:hold` also leaves the connection open, as some servers do.
      if (script.text('no-done') !== 'hold') continue;
      await exchange.body(batch);
      batch = '';
      await exchange.forever();
      continue;
    }
    if (event.part === 'finish' && script.has('no-finish')) continue;
    if (script.has('comments')) batch += ': keep-alive\n\n';
    const huge = event.content && content === 1 ? script.number('huge-event', 2_000_000) : null;
    batch += spelled(huge === null ? event.text : dialect.filler(exchange.request.model, huge), script);
    if (script.has('one-write') && event.part !== 'done') continue;
    if (content + Number(event.content) < together) {
      content += Number(event.content);
      continue;
    }
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

/**
 * Content events that are one write with all before them. What comes before a silence is: a clock of the gateway is to run out in the silence,
 * and not between two parts of it, where this process or the machine stands still.
 */
function writtenTogether(script: Script): number {
  if (['pace', 'gate-after', 'pause-after'].some((name) => script.has(name))) return 0;
  return script.number('stall-after', 5) ?? script.number('ping-stall-after', 5) ?? 0;
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
