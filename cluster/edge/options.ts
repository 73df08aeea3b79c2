// What the commands of the edge have in common: their options, and where they find the gate.
import { type ParseArgsConfig, parseArgs } from 'node:util';
import type { Gate } from './setup/gate.ts';
import { EdgeUsageError } from './setup/usage.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

export const GATE_OPTIONS = { gate: { type: 'string' }, 'gate-key': { type: 'string' } } as const;
export const TLS_OPTIONS = {
  ca: { type: 'string' },
  cert: { type: 'string' },
  'cert-key': { type: 'string' },
} as const;

/** @throws EdgeUsageError */
export function parsed<T extends ParseArgsConfig>(config: T): ReturnType<typeof parseArgs<T>> {
  try {
    return parseArgs(config);
  } catch (error) {
    throw new EdgeUsageError(error instanceof Error ? error.message : String(error));
  }
}

/** @throws EdgeUsageError */
export function gateOf(values: { gate?: string; 'gate-key'?: string }, env: Environment): Gate {
  const url = gateUrl(values.gate ?? env['HEADGATE_EDGE_URL']);
  const key = values['gate-key'] ?? env['HEADGATE_EDGE_KEY'];
  if (key === undefined || key === '')
    throw new EdgeUsageError('a key of the gateway is needed: --gate-key, or HEADGATE_EDGE_KEY');
  return { url, key };
}

/** Without a path. @throws EdgeUsageError */
export function gateUrl(stated: string | undefined): string {
  if (stated === undefined || !/^https?:$/.test(URL.canParse(stated) ? new URL(stated).protocol : ''))
    throw new EdgeUsageError(
      'the gateway’s address is needed: --gate http://host:port, or HEADGATE_EDGE_URL',
    );
  return stated.replace(/\/+$/, '').replace(/\/v1$/, '');
}

/** @throws EdgeUsageError */
export function portOf(text: string): number {
  if (!/^\d{1,5}$/.test(text) || Number(text) > 65_535)
    throw new EdgeUsageError('--port needs a number from 0 to 65535');
  return Number(text);
}
