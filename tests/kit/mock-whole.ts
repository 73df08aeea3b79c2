// How the mock provider answers a call that does not stream, and what it does wrong where it is asked to.
import { gzipSync } from 'node:zlib';
import { faultFor, type MockDialect } from './mock-dialect.ts';
import type { MockExchange } from './mock-exchange.ts';
import { makePlan, type Script } from './mock-script.ts';

/** Answers with one body, as `script` wants it. */
export async function whole(exchange: MockExchange, dialect: MockDialect, script: Script): Promise<void> {
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
    return exchange.send(200, { ...headers, 'content-encoding': 'gzip' }, gzipSync(text));
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
  if (!script.has('chunked')) return exchange.send(200, headers, text);
  await exchange.head(200, { ...headers, 'transfer-encoding': 'chunked' });
  await exchange.body(text);
  await exchange.finish();
  exchange.done();
}

/** A body that says it is compressed: it is not, or half of it is missing. */
export async function badGzip(
  exchange: MockExchange,
  script: Script,
  headers: Record<string, string>,
  text: string,
): Promise<void> {
  const packed = gzipSync(text);
  const bytes = script.has('gzip-cut') ? packed.subarray(0, packed.length / 2) : text;
  await exchange.send(200, { ...headers, 'content-encoding': 'gzip' }, bytes);
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
