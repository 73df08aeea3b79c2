// Signs of life for a client whose stream says nothing: before its first word, or while a model thinks. Balancers end connections
// that are idle, some after ten seconds. Nothing of it stands in the way of bytes: the sweep that looks after all exchanges finds
// who was silent, so a stream that speaks never meets it.
//
// What the client is told stands next to its socket: no sink, cache or log above hears of it.
import { Buffer } from 'node:buffer';
import type { Call } from '../contracts/call.ts';
import type { Dialect, DialectName } from '../contracts/dialect.ts';
import { GatewayError } from '../contracts/errors.ts';
import type { Route } from '../contracts/route.ts';
import type { HeaderList } from '../contracts/sink.ts';
import { faultError } from '../dialects/fault-error.ts';
import { streamHead } from '../pipeline/answer/answer-headers.ts';
import { clientFrames } from '../pipeline/answer/open-relay.ts';
import { FrameWriter } from '../wire/frame-writer.ts';
import type { Exchange } from './exchange/exchange.ts';
import { Silence } from './exchange/silence.ts';

/**
 * Says something where the client of `exchange` has waited long enough. Before an answer has begun, its stream is begun: the status is
 * 200 from then on and a refusal the stream's last event; what is asked upstream, and whether another is asked, is as ever.
 */
export function keepAlive(
  exchange: Exchange,
  call: Call,
  dialect: (name: DialectName) => Dialect,
  now: number,
): void {
  const { heartbeat } = call.snapshot.config.server;
  if (heartbeat.intervalMs === 0 || !call.stream || exchange.sign === undefined) return;
  if (call.operation?.answer !== 'deltas' || !isFor(heartbeat.dialects, call.route)) return;
  exchange.silence ??= new Silence(now);
  if (exchange.silence.lastedMs(exchange.bytesOut, now) < heartbeat.intervalMs) return;
  const client = dialect(call.route.dialect);
  const { heartbeat: sign } = client.manner;
  if (sign === undefined) return;
  if (!exchange.committed && heartbeat.beforeAnswer && mayBegin(call)) {
    exchange.openEarly!(streamHead(clientFrames(call, client)), (status, headers, body) =>
      asStreamEnd(call, client, status, headers, body),
    );
  }
  exchange.sign(sign);
  exchange.silence.broken(exchange.bytesOut, now);
}

function isFor(dialects: readonly string[], route: Route): boolean {
  return dialects.includes(route.dialect) && !(route.kind === 'model' && route.readsAll === true);
}

/** A provider was asked: what may refuse it without one is over. Who asks for `gate` wants the true status of a failure, however late. */
function mayBegin({ attempts, plan, settled }: Call): boolean {
  return attempts.length > 0 && plan?.gate !== true && !settled;
}

/** A whole answer, as the end of a stream that has signs of life in it and nothing else. */
function asStreamEnd(
  call: Call,
  client: Dialect,
  status: number,
  headers: HeaderList,
  body: Buffer | string,
): Buffer | string {
  const frames = clientFrames(call, client);
  const type = headers.find(([name]) => name === 'content-type')?.[1];
  // A stream that was held back as a whole.
  if (status < 400 && type === frames.contentType) return body;
  const bytes = typeof body === 'string' ? Buffer.from(body) : body;
  const error =
    status < 400
      ? new GatewayError('GW_GATEWAY_INTERNAL', { cause: 'a whole answer to who waits for a stream' })
      : faultError(client.errors.decode(status, {}, bytes));
  const writer = new FrameWriter(frames);
  client.errors.encodeStream(error, call.id, writer);
  writer.close();
  return writer.take();
}
