// How the mock provider refuses one chat request: by status, by key, or for the first calls only.
import { faultFor, type MockDialect, type MockFault } from './mock-dialect.ts';
import type { MockExchange } from './mock-exchange.ts';
import type { Script } from './mock-script.ts';

/** Refuses where `script` says so. True when the exchange is over. @param calls of its model so far, with this one */
export async function refused(
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
    await exchange.send(html, { 'content-type': 'text/html' }, page);
    return true;
  }
  const status = script.number('status', 500);
  if (script.has('leak-key')) {
    const fault = faultFor(status ?? 401, `Incorrect API key provided: ${given}. (${given.slice(0, 12)}...)`);
    await refuse(exchange, dialect, fault, script.options('leak-key'));
    return true;
  }
  if (status === null) return false;
  if (script.has('empty-body')) await exchange.send(status, {}, '');
  else await refuse(exchange, dialect, faultFor(status), script.options('status'));
  return true;
}

/** Refuses in the words of `dialect`. @param options a type and a code of its own, and headers besides */
export async function refuse(
  exchange: MockExchange,
  dialect: MockDialect,
  fault: MockFault,
  options: Record<string, string>,
): Promise<void> {
  const { type, code, ...headers } = options;
  const full = { ...fault, type: type ?? fault.type, code: code ?? fault.code };
  const { serial } = exchange.request;
  await exchange.send(
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
