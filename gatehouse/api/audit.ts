// The audit log: read by pages and filters, checked, exported.

import type { AuditEntry, AuditEvent, AuditQuery } from '../../src/contracts/store.ts';
import { type ChainFault, EMPTY_CHAIN, verifyChain } from '../../src/governance/hash-chain.ts';
import { ApiError } from '../errors/api-error.ts';
import type { ApiContext } from './context.ts';
import { choice, list, object, pageOf, text, whole } from './fields.ts';
import { cursorParameter, limitOf, limitParameter } from './paging.ts';
import type { ApiRequest, ApiRoute } from './route.ts';

const entry = object({
  sequence: whole(1, Number.MAX_SAFE_INTEGER, 'From 1, without gaps.'),
  at: whole(0, Number.MAX_SAFE_INTEGER, 'ms since 1970.'),
  initiator: text('Who did it.'),
  action: text('What was done.'),
  target: text('To what.'),
  outcome: choice(['success', 'failure', 'denied'], 'How it ended.'),
  reason: text('Why it failed or was denied.'),
  ip: text('Where it came from.'),
  previous: text('Hash of the entry before.'),
  hash: text('Of this entry.'),
});

const OUTCOMES = ['success', 'failure', 'denied'] as const;
const filters = {
  initiator: text('Who did it, such as `admin:ada`.'),
  action: text('Such as `key.create`.'),
  target: text('Such as `key/key_…`.'),
  outcome: choice(OUTCOMES, 'How it ended.'),
  since: text('ISO 8601, inclusive.'),
  until: text('ISO 8601, inclusive.'),
};
const READ = { resource: 'audit', verb: 'read' } as const;
const CHUNK = 1_000;
const MAX_FAULTS = 100;

export function auditRoutes({ store, keys }: ApiContext): ApiRoute[] {
  return [
    {
      method: 'GET',
      path: '/api/audit',
      access: READ,
      operation: 'list-audit',
      summary: 'The audit log, newest first.',
      query: { cursor: cursorParameter, limit: limitParameter, ...filters },
      answer: { status: 200, schema: pageOf(entry) },
      async handle(request) {
        const cursor = request.query['cursor'];
        const before = cursor === undefined ? null : Number(cursor);
        if (before !== null && !Number.isSafeInteger(before)) throw badTime('cursor');
        return {
          status: 200,
          body: await store.audit({ ...queryOf(request), before, limit: limitOf(request) }),
        };
      },
    },
    {
      method: 'GET',
      path: '/api/audit/export',
      access: READ,
      operation: 'export-audit',
      summary:
        'The log from `after` on, in its own order and up to its end now, one entry a line: NDJSON, or syslog (RFC 5424).',
      query: {
        after: {
          type: 'string',
          pattern: '^\\d{1,15}$',
          'x-expected': 'the sequence of an entry',
          description: 'Entries above this sequence.',
        },
        limit: { ...limitParameter, description: `At most so many, from 1 to 500; all of them by default.` },
        format: choice(['ndjson', 'syslog'], 'NDJSON by default.'),
        ...filters,
      },
      answer: {
        status: 200,
        schema: { type: 'string' },
        types: ['application/x-ndjson', 'text/plain'],
      },
      async handle(request) {
        const { query } = request;
        const syslog = query['format'] === 'syslog';
        const wanted = queryOf(request);
        const most = query['limit'] === undefined ? Number.POSITIVE_INFINITY : limitOf(request);
        // Asked before the first byte: a store that is away is a 503, and no answer that breaks off.
        const end = (await store.auditHead())?.sequence ?? 0;
        return {
          status: 200,
          headers: { 'content-type': syslog ? 'text/plain; charset=utf-8' : 'application/x-ndjson' },
          async stream(out) {
            let left = most;
            for (let after = Number(query['after'] ?? 0); after < end && left > 0 && !out.left.aborted; ) {
              const { items, last } = await store.auditFrom(after, CHUNK);
              if (items.length === 0) return;
              const some = items.filter((one) => one.sequence <= end && fits(one, wanted)).slice(0, left);
              left -= some.length;
              after = last;
              const lines = some.map((one) => (syslog ? syslogLine(one) : JSON.stringify(one)));
              if (lines.length > 0) await out.write(`${lines.join('\n')}\n`);
            }
          },
        };
      },
    },
    {
      method: 'GET',
      path: '/api/audit/verify',
      access: READ,
      operation: 'verify-audit',
      summary: 'Reads the whole log and says which entries were altered, removed or put elsewhere.',
      answer: {
        status: 200,
        schema: object({
          ok: { type: 'boolean' },
          entries: whole(0, Number.MAX_SAFE_INTEGER, 'How many were read.'),
          faults: list(object({ fault: text(''), sequence: whole(0, Number.MAX_SAFE_INTEGER, '') }), ''),
        }),
      },
      async handle() {
        // What is written meanwhile is not missed, and not read.
        const end = await store.auditHead();
        const report = { head: EMPTY_CHAIN, entries: 0 };
        const faults: ChainFault[] = [];
        for (let after = 0; ; ) {
          const { items, last } = await store.auditFrom(after, CHUNK);
          const upTo = end === null ? items : items.filter(({ sequence }) => sequence <= end.sequence);
          const over = items.length < CHUNK;
          const part = verifyChain(upTo, keys.audit, over ? end : null, report.head);
          faults.push(...part.faults);
          report.entries += part.entries;
          report.head = part.head;
          after = last;
          if (over) break;
        }
        // Every entry is written with the end of the log: where that is gone somebody took it, with how much behind it nobody knows.
        const { sequence } = report.head;
        if (end === null && sequence > 0) faults.push({ fault: 'cut', sequence: sequence + 1 });
        return {
          status: 200,
          body: { ok: faults.length === 0, entries: report.entries, faults: faults.slice(0, MAX_FAULTS) },
        };
      },
    },
  ];
}

function queryOf({ query }: ApiRequest): Omit<AuditQuery, 'limit' | 'before'> {
  const { initiator, action, target, outcome } = query;
  const time = (field: 'since' | 'until'): Partial<Record<'since' | 'until', number>> => {
    const stated = query[field];
    if (stated === undefined) return {};
    const at = Date.parse(stated);
    if (Number.isNaN(at)) throw badTime(field);
    return { [field]: at };
  };
  return {
    ...(initiator === undefined ? {} : { initiator }),
    ...(action === undefined ? {} : { action }),
    ...(target === undefined ? {} : { target }),
    ...(outcome === undefined ? {} : { outcome: outcome as AuditEvent['outcome'] }), // a choice of the schema
    ...time('since'),
    ...time('until'),
  };
}

/** As the store would filter. */
function fits(one: AuditEntry, wanted: Omit<AuditQuery, 'limit' | 'before'>): boolean {
  const { since = 0, until = Number.POSITIVE_INFINITY } = wanted;
  return (
    one.at >= since &&
    one.at <= until &&
    (['initiator', 'action', 'target', 'outcome'] as const).every(
      (field) => wanted[field] === undefined || one[field] === wanted[field],
    )
  );
}

function badTime(param: string): ApiError {
  return new ApiError(
    400,
    'invalid_value',
    `${param}: expected ${param === 'cursor' ? 'the `next` of the page before' : 'a time in ISO 8601'}`,
    { param },
  );
}

/** Facility 13 (log audit); severity 5 of what was done, 4 of what was not. Control characters cannot break the line. */
function syslogLine(one: AuditEntry): string {
  const severity = one.outcome === 'success' ? 5 : 4;
  const text = JSON.stringify(one);
  return `<${13 * 8 + severity}>1 ${new Date(one.at).toISOString()} - headgate - ${one.action.replace(/[^\x21-\x7e]/g, '_').slice(0, 32)} - ${text}`;
}
