// How the mock provider answers one chat request: which of the kinds of answer its model name asks for.
import { pick } from './json.ts';
import { faultFor, type MockDialect } from './mock-dialect.ts';
import type { MockExchange } from './mock-exchange.ts';
import type { MockMemory } from './mock-memory.ts';
import { refuse, refused } from './mock-refusal.ts';
import { givenBeginning, Script } from './mock-script.ts';
import { stream } from './mock-stream.ts';
import { tooLong } from './mock-too-long.ts';
import { whole } from './mock-whole.ts';
import { vendorComplaint } from './strict-vendor.ts';

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
