// Whether a request asks for something that there is, in a way that it is served.
import { GatewayError } from '../../contracts/errors.ts';
import type { ArrivedHead } from '../exchange/exchange.ts';
import { printable } from './local-answers.ts';
import type { Match } from './route-table.ts';

const CROWDED = 'Your address has more connections open here than it may have. This one is closed.';
const CROWDED_RETRY_MS = 1_000;

/** @returns why what was asked for is not there; null = it is. */
export function faultOf(match: Match, head: ArrivedHead): GatewayError | null {
  if (head.crowded === true)
    return new GatewayError('GW_LIMIT_EXCEEDED', { message: CROWDED, retryAfterMs: CROWDED_RETRY_MS });
  if (match.ambiguous) return new GatewayError('GW_CLIENT_BAD_PATH');
  if (match.route.kind === 'unknown') {
    const hint = match.hint === null ? '' : ` Note: ${match.hint}.`;
    return new GatewayError('GW_CLIENT_ROUTE_NOT_FOUND', {
      message: `There is no route ${head.method} ${printable(head.path)}.${hint}`,
    });
  }
  if (match.route.kind === 'model' && (match.route.operation.intake === 'socket' || match.route.socket))
    return new GatewayError('GW_CLIENT_UPGRADE', { message: 'This route is served over WebSocket alone.' });
  if (!match.route.methods.includes(head.method)) {
    // Codex goes on over POST after a 426, and after nothing else.
    if (head.method === 'GET' && /^websocket$/i.test(head.headers.get('upgrade') ?? ''))
      return new GatewayError('GW_CLIENT_UPGRADE');
    return new GatewayError('GW_CLIENT_METHOD', {
      message: `${match.route.template} takes ${match.route.methods.join(', ')}, not ${printable(head.method)}.`,
    });
  }
  return null;
}

/** A body that is larger than this. */
export function tooLarge(maxBytes: number): GatewayError {
  return new GatewayError('GW_CLIENT_TOO_LARGE', {
    message: `The request body is larger than ${maxBytes} bytes.`,
  });
}
