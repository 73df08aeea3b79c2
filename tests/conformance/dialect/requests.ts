// Requests, there and back: what was not named as lost or changed is as it was.
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { parseLossless } from '../../../src/body/lossless.ts';
import type { ChatRequest } from '../../../src/contracts/chat.ts';
import type { Dialect } from '../../../src/contracts/dialect.ts';
import { GatewayError } from '../../../src/contracts/errors.ts';
import type { JsonObject } from '../../../src/contracts/json.ts';
import { requestOf } from '../neutral-requests.ts';
import { ASPECTS, type Aspect } from '../request-aspects.ts';
import { differences, idsOf, type Member } from './meaning.ts';
import type { DialectSamples } from './samples.ts';
import { targetOf } from './target.ts';

interface Carried {
  request: ChatRequest;
  /** Paths named as dropped or adapted on the way. */
  told: string[];
}

/** The request through these dialects, one after the other. @throws GatewayError that refuses it. */
function carry(request: ChatRequest, way: readonly Dialect[]): Carried {
  const told = new Set<string>();
  let carried = request;
  for (const dialect of way) {
    const { chat } = dialect;
    const { body, dropped, adapted } = chat.encodeRequest(carried, targetOf(dialect));
    carried = chat.decodeRequest(parseLossless(body, true) as JsonObject); // a body is an object
    // What one wrote it must be able to read.
    expect(carried.mustNotDrop).toEqual([]);
    for (const path of [...dropped, ...adapted, ...carried.dropped]) told.add(path);
  }
  return { request: carried, told: [...told] };
}

/** As `carry`; null where it was refused as not to be said. */
function tryCarry(request: ChatRequest, way: readonly Dialect[]): Carried | null {
  try {
    return carry(request, way);
  } catch (error) {
    if (!(error instanceof GatewayError)) throw error;
    expect(error).toMatchObject({ code: 'GW_CLIENT_UNSUPPORTED', status: 400 });
    expect(error.param, 'names the field').toBeTruthy();
    return null;
  }
}

// A dialect may have it in the address.
function ignoredBy(way: readonly Dialect[]): Member[] {
  const moved = way.some((dialect) => {
    const target = targetOf(dialect);
    return dialect.chat.address(target, true, '') !== dialect.chat.address(target, false, '');
  });
  return moved ? ['stream'] : [];
}

/** Fails where anything differs and nothing is named, or the results are no longer those of the calls. */
function expectCarried(request: ChatRequest, carried: Carried, way: readonly Dialect[]): Member[] {
  const differing = differences(request, carried.request, ignoredBy(way));
  if (carried.told.length === 0) expect(differing, 'is named').toEqual([]);
  const { calls, results } = idsOf(carried.request.turns);
  expect(results).toEqual(calls);
  expect(new Set(calls).size).toBe(calls.length);
  expect(calls).toHaveLength(idsOf(request.turns).calls.length);
  return differing;
}

interface Part {
  aspect: Aspect;
  change: Partial<ChatRequest>;
}

const chosen: fc.Arbitrary<Part[]> = fc
  .subarray([...ASPECTS])
  .chain((aspects) =>
    fc.tuple(...aspects.map((aspect) => aspect.change.map((change): Part => ({ aspect, change })))),
  );

const whole = (parts: readonly Part[]): ChatRequest => requestOf(parts.map(({ change }) => change));

/** Members that may differ where the part is said another way. */
const touchedBy = ({ aspect, change }: Part): string[] => [...Object.keys(change), ...aspect.elsewhere];

/**
 * Several things at once: only what an aspect says may differ, and only where the aspect alone is not carried as it is or
 * more is named than is of each alone.
 */
function expectTogether(parts: readonly Part[], way: readonly Dialect[], alone: readonly Carried[]): void {
  const carried = tryCarry(whole(parts), way);
  expect(carried, 'each alone is carried').not.toBeNull();
  const differing = expectCarried(whole(parts), carried!, way);
  expect(parts.flatMap(touchedBy), 'nothing else is touched').toEqual(expect.arrayContaining(differing));
  const known = new Set(alone.flatMap(({ told }) => told));
  const unexplained = differing.filter(
    (member) => !parts.some((part, at) => alone[at]!.told.length > 0 && touchedBy(part).includes(member)),
  );
  const news = carried!.told.filter((path) => !known.has(path));
  expect(news.length, `${unexplained.join()} of ${carried!.told.join()}`).toBeGreaterThanOrEqual(
    unexplained.length,
  );
}

function checkWay(way: readonly Dialect[]): void {
  it.each(ASPECTS)('$name is as it was, or what became of it is told', (aspect) => {
    fc.assert(
      fc.property(aspect.change, (change) => {
        const request = requestOf([change]);
        const carried = tryCarry(request, way);
        if (aspect.core) expect(carried, 'every dialect can say it').not.toBeNull();
        if (carried === null) return;
        const differing = expectCarried(request, carried, way);
        expect(touchedBy({ aspect, change }), 'nothing else is touched').toEqual(
          expect.arrayContaining(differing),
        );
        if (aspect.core) expect(carried.told).toEqual([]);
      }),
      { numRuns: 20 },
    );
  });

  it('carries what it can say together with anything else, and names what it cannot', () => {
    fc.assert(
      fc.property(chosen, (parts) => {
        const alone = parts.map((part) => ({ part, carried: tryCarry(whole([part]), way) }));
        const sayable = alone.filter((one) => one.carried !== null);
        if (sayable.length < parts.length) expect(tryCarry(whole(parts), way)).toBeNull();
        expectTogether(
          sayable.map(({ part }) => part),
          way,
          sayable.map(({ carried }) => carried!),
        );
      }),
      { numRuns: way.length > 1 ? 40 : 100 },
    );
  });
}

/** Of the dialect alone. */
export function requestsOf(dialect: Dialect, samples: DialectSamples): void {
  const { chat } = dialect;
  checkWay([dialect]);

  it.each(Object.entries(samples.requests))('understands the genuine request "%s"', (_, body) => {
    const request = chat.decodeRequest(body);
    expect(request.mustNotDrop).toEqual([]);
    expect(request.turns.length).toBeGreaterThan(0);
    expectCarried(request, carry(request, [dialect]), [dialect]);
  });

  it('tells the model, and with no loss allowed refuses what it would drop, else says the same', () => {
    fc.assert(
      fc.property(chosen, (parts) => {
        const request = whole(parts);
        if (tryCarry(request, [dialect]) === null) return;
        const target = targetOf(dialect, { model: 'vendor/model-1' });
        const { body, dropped } = chat.encodeRequest(request, target);
        expect(body).toBe(chat.encodeRequest(request, target).body);
        const { model } = JSON.parse(body) as JsonObject;
        if (model !== undefined) expect(model).toBe(target.model);
        else expect(chat.address(target, request.stream, '')).toContain(encodeURIComponent(target.model));
        const strictly = () => chat.encodeRequest(request, { ...target, strict: true });
        if (dropped.length === 0) expect(strictly().body).toBe(body);
        else expect(strictly).toThrow(expect.objectContaining({ code: 'GW_CLIENT_UNSUPPORTED' }));
      }),
    );
  });
}

/** Of a client of `from` at an upstream of `to`. */
export function requestsBetween(
  from: Dialect,
  to: Dialect,
  all: Readonly<Record<string, DialectSamples>>,
): void {
  checkWay([from, to]);

  it.each(Object.entries(all[from.name]!.requests))('carries the genuine request "%s"', (_, body) => {
    const request = from.chat.decodeRequest(body);
    // Stop sequences that `to` has not are refused by name: without them it is carried.
    const carried = tryCarry(request, [to]);
    if (carried !== null) expectCarried(request, carried, [to]);
    else expect(tryCarry({ ...request, stop: [] }, [to])).not.toBeNull();
  });
}
