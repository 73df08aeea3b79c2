// Reserves before a call, settles after it. With a lease that covers a call nothing leaves the process and nothing
// waits; else the authority is asked, for all buckets that lack something in one question. The common path builds two
// objects a call and follows pointers.
import type { Admission, Admitted, AdmittedTarget, TargetHold } from '../contracts/admission.ts';
import type { Call } from '../contracts/call.ts';
import { GatewayError } from '../contracts/errors.ts';
import type { RechargedCounters } from '../contracts/ipc.ts';
import type { Ask, LimitAuthority, LimitRule, LimitTable } from '../contracts/limits.ts';
import type { Target } from '../contracts/plan.ts';
import type { Clock } from '../contracts/ports.ts';
import type { Recharge } from '../contracts/recharge.ts';
import type { HeaderList } from '../contracts/sink.ts';
import type { Standing } from '../contracts/standing.ts';
import { unitsOf } from '../limits/need.ts';
import type { LimitCaller } from '../limits/rule-match.ts';
import { isBilled, isChargedWhenOver } from '../prices/attempt-charge.ts';
import { isPriced } from '../prices/price-at.ts';
import { manners } from '../registry/manners.ts';
import { estimateTokens } from '../tokens/estimate.ts';
import { BucketStore } from './bucket-store.ts';
import type { BudgetTally } from './budget-tally.ts';
import { Estate } from './estate.ts';
import { Leases } from './leases.ts';
import { addBudgetHeaders, limitHeaders, limitLines } from './limit-headers.ts';
import { LimitPlan } from './limit-plan.ts';
import type { LimiterDeps, LimiterOptions } from './limiter-options.ts';
import type { LocalBucket } from './local-bucket.ts';
import type { LimitMeter } from './meter.ts';
import { MICRO_NANO, MoneyEstimator } from './money-estimator.ts';
import { bookRecharged, type ChargedRules, changeRecharged, type RechargeBooks } from './recharged.ts';
import { goesPast, refuse, refuseUncounted, refuseUnknown, refuseUnpriced } from './refusals.ts';
import { Hold, Reservation } from './reservation.ts';
import { Settling } from './settling.ts';
import { costOfAll, tokensOfAll, wasAnySent } from './spent.ts';
import { standingsOf } from './standings.ts';
import { type TopUpDeps, watchStream } from './top-up.ts';

const NO_HEADERS: HeaderList = [];

export interface Limiter extends Admission {
  /** What limits the calls of a new configuration; null when nothing does. */
  compile(
    rules: readonly LimitRule[],
    providers: readonly string[],
    authority: LimitAuthority,
    options: LimiterOptions,
  ): LimitTable | null;
  /** How these rules stand: for somebody, or (null) for whom they name themselves. Takes nothing. */
  standings(rules: readonly LimitRule[], of: LimitCaller | null): Promise<Standing[]>;
  /** Charges were corrected: budgets in Redis are told here. @returns counters that the primary has to change itself */
  recharge(rules: ChargedRules, charges: readonly Recharge[]): RechargedCounters;
  /** What was spent without having been admitted counts all the same. */
  book(rules: ChargedRules, charges: readonly Recharge[]): void;
  /** Gives back every unspent lease. */
  close(): void;
}

export function createLimiter(deps: LimiterDeps): Limiter {
  return new LeasingLimiter(deps);
}

class LeasingLimiter implements Limiter {
  readonly #clock: Clock;
  readonly #origin: string;
  readonly #meter: LimitMeter;
  #store: BucketStore | null = null;
  readonly #leases: Leases;
  #authority: LimitAuthority | null = null;
  /** Null: the authority knows its askers. */
  #estate: Estate | null = null;
  #holders = 1;
  #failOpen = false;
  #strict = false;
  #ietf = false;
  #serial = 0;
  readonly #settling: Settling;
  readonly #topUps: TopUpDeps;
  readonly #tally: BudgetTally | null;
  readonly #money = new MoneyEstimator();
  readonly #wall: () => number;

  constructor({ clock, meter, origin, tally = null }: LimiterDeps) {
    this.#clock = clock;
    this.#wall = () => clock.wall();
    this.#origin = origin;
    this.#meter = meter;
    this.#leases = new Leases(clock, () => this.#token());
    this.#settling = new Settling(clock, this.#leases, () => this.#token());
    this.#topUps = { clock, leases: this.#leases, token: () => this.#token() };
    this.#tally = tally;
  }

  compile(
    rules: readonly LimitRule[],
    providers: readonly string[],
    authority: LimitAuthority,
    options: LimiterOptions,
  ): LimitTable | null {
    this.#holders = options.holders;
    this.#failOpen = options.failOpen;
    if (this.#store === null || authority !== this.#authority) {
      // Calls that hold something settle it with whom they have it from.
      this.#leases.returnAll();
      this.#estate?.flush();
      this.#authority = authority;
      this.#estate = authority.heir === undefined ? null : new Estate(authority.heir, this.#clock.now);
      this.#store = new BucketStore(
        authority,
        () => Math.max(this.#holders, authority.askers ?? 1),
        this.#meter,
        (bucket) => this.#leases.giveBack(bucket),
        undefined,
        () => this.#clock.wall() + (authority.wallOffsetMs ?? 0),
        this.#tally,
      );
    }
    this.#store.version = options.version ?? 0;
    this.#strict = options.strict;
    this.#money.unknownPrice = options.unknownPrice ?? 'refuse';
    this.#ietf = options.ietf;
    if (rules.length === 0 && options.keyRules !== true) return null;
    return new LimitPlan(rules, providers, this.#store);
  }

  admit(call: Call): Admitted {
    const table = call.snapshot.limits as LimitPlan | null;
    if (table === null || call.limits !== null) return null;
    const matched = table.match(call.principal!, call.model);
    if (matched.empty) return null;
    const facts = call.facts!;
    const operation = call.operation!;
    const { meters, answer } = operation;
    const counts = !meters.includes('tokens');
    const prompt = counts ? 0 : estimateTokens(facts.promptBytes);
    // Only what is said has a length.
    const output = counts || answer !== 'deltas' ? 0 : (facts.maxTokens ?? matched.output.tokens);
    let buckets = matched.set.buckets(call.head.headers, call.customer);
    if (buckets.budgeted && !isBilled(operation, call.head.method)) buckets = buckets.unbilled;
    const money = this.#money;
    const estimate = buckets.budgeted
      ? money.reserved(call, matched, call.plan!.targets, prompt, output)
      : money.free(prompt, output);
    const hold = new Hold(call, matched, buckets, estimate ?? money.free(prompt, output));
    call.limits = hold;
    if (estimate === null) return refuseUnpriced(hold.own);
    if (operation.past === true && goesPast(call, buckets, money)) return refuseUncounted(hold.own);
    if (buckets.budgeted && call.stream && facts.maxTokens === null)
      watchStream(this.#topUps, call, hold, output);
    return this.#reserve(hold.own);
  }

  admitTarget(call: Call, target: Target): AdmittedTarget {
    const hold = call.limits as Hold | null;
    if (hold === null || !hold.open) return null;
    const { own, newest, matched } = hold;
    const priced = isPriced(target.price) || isChargedWhenOver(call);
    if (hold.budgeted && !priced && this.#money.unknownPrice === 'refuse') return refuseUnpriced(own);
    if (!matched.providerRules) return null;
    let buckets = matched.target(target.provider.name, call.head.headers, call.customer);
    if (buckets.budgeted && !isBilled(call.operation!, call.head.method)) buckets = buckets.unbilled;
    if (buckets.all.length === 0) return null;
    const estimate = buckets.budgeted
      ? this.#money.reserved(call, matched, [target], own.prompt, own.output)
      : own;
    const reservation = new Reservation(buckets, estimate ?? own, null, newest);
    hold.newest = reservation;
    if (estimate === null) return refuseUnpriced(reservation);
    const refused = this.#reserve(reservation);
    if (refused === null) return reservation;
    return refused instanceof GatewayError ? refused : refused.then((error) => error ?? reservation);
  }

  leaveTarget(hold: TargetHold): void {
    this.#settling.target(hold as Reservation); // all there are were made above
  }

  /** The one place in which a call's reservations end, those of its attempts that were not left before among them. */
  settled(call: Call): void {
    const hold = call.limits as Hold | null;
    if (hold === null || !hold.open) return;
    hold.open = false;
    const { answer } = call.operation!;
    if (call.usage !== null && call.usage.output !== null && answer === 'deltas')
      hold.matched.output.learn(call.usage.output);
    else if (answer !== 'deltas' && (call.costNano ?? 0) > 0)
      hold.matched.cost.learn(call.costNano! / MICRO_NANO);
    for (let target = hold.newest; target !== null; target = target.earlier) this.#settling.target(target);
    const { own } = hold;
    const { attempts } = call;
    const tokens = tokensOfAll(attempts, own.prompt, own.output);
    this.#settling.settle(own, wasAnySent(attempts) ? 1 : 0, tokens, hold.budgeted ? costOfAll(attempts) : 0);
  }

  headers(call: Call, costNano: number | null = null): HeaderList {
    const hold = call.limits as Hold | null;
    if (hold === null) return NO_HEADERS;
    const buckets = toldOf(hold);
    if (buckets.length === 0) return NO_HEADERS;
    const style = manners[call.route.dialect].limitHeaders;
    const now = this.#clock.now();
    const { own } = hold;
    // What was set aside is gone from what is left: it is replaced by what is used of it.
    const unusedNano = costNano === null || own.state !== 'held' ? 0 : own.cost - costNano;
    if (call.sink.takesLines === true && !this.#ietf) {
      const budgetWall = hold.budgeted ? this.#store!.windows.wall() : null;
      const lines = limitLines(style, buckets, now, this.#wall, budgetWall, unusedNano);
      return lines === '' ? NO_HEADERS : [['', lines, true]];
    }
    const limits = limitHeaders(style, buckets, now, this.#wall, this.#ietf);
    if (!hold.budgeted) return limits;
    addBudgetHeaders(limits, buckets, now, this.#store!.windows.wall(), unusedNano);
    return limits;
  }

  standings(rules: readonly LimitRule[], of: LimitCaller | null): Promise<Standing[]> {
    const books = this.#books();
    return books === null ? Promise.resolve([]) : standingsOf(rules, of, books);
  }

  recharge(rules: ChargedRules, charges: readonly Recharge[]): RechargedCounters {
    const books = this.#books();
    return books === null ? [] : changeRecharged(rules, charges, books);
  }

  book(rules: ChargedRules, charges: readonly Recharge[]): void {
    const books = this.#books();
    if (books !== null) bookRecharged(rules, charges, books);
  }

  close(): void {
    this.#leases.returnAll();
    this.#estate?.afterwards(() => this.#leases.returnAll());
    this.#estate?.flush();
    this.#leases.close();
  }

  // -- reserve

  #reserve(reservation: Reservation): Admitted {
    const { buckets } = reservation;
    const now = this.#clock.now();
    let missing = 0;
    let unknown = false;
    let blocked: LocalBucket | null = null;
    let longest = 0;
    for (let at = 0; at < buckets.length; at++) {
      const bucket = buckets[at]!;
      const units = unitsOf(reservation, bucket.rule);
      if (!this.#strict && bucket.covers(units, now)) continue;
      missing++;
      const wait = bucket.blockedMs(units, now);
      if (wait > longest) {
        blocked = bucket;
        longest = wait;
      } else if (wait === 0 && !bucket.surelyHas(units, now)) unknown = true;
    }
    // The wait that is told must do for all buckets: one that nothing is known of is asked along with the others.
    if (blocked !== null && !unknown) return refuse(reservation, blocked, longest, this.#clock);
    if (missing > 0) return this.#ask(reservation, now);
    for (let at = 0; at < buckets.length; at++) {
      const bucket = buckets[at]!;
      const from = bucket.spend(unitsOf(reservation, bucket.rule));
      if (bucket.slots) reservation.took(from);
      bucket.meter.admitted();
      if (bucket.isLow(now)) this.#leases.refill(bucket, this.#failOpen);
    }
    this.#hold(reservation, now);
    return null;
  }

  #ask(reservation: Reservation, now: number): Promise<GatewayError | null> {
    const { buckets } = reservation;
    const token = this.#token();
    const { authority } = buckets[0]!;
    let known = true;
    const asks: Ask[] = [];
    const asking: boolean[] = [];
    const slots: string[] = [];
    /** What is here of money that is asked for: the last of a budget is not to lie in leases. */
    let rests: [LocalBucket, number][] | null = null;
    for (const bucket of buckets) {
      const units = unitsOf(reservation, bucket.rule);
      const covered = !this.#strict && bucket.covers(units, now);
      asking.push(!covered);
      if (covered) {
        const from = bucket.spend(units);
        if (bucket.slots) slots.push(from);
      } else {
        if (bucket.slots) slots.push(token);
        const here = bucket.cost ? bucket.takeRest(now) : 0;
        if (here > 0) (rests ??= []).push([bucket, here]);
        const need = units - here;
        const leases = !this.#strict && !bucket.refilling && bucket.leases(units);
        const lease = leases ? Math.max(0, bucket.lease - bucket.available) : 0;
        if (lease > 0) bucket.refilling = true;
        asks.push({ bucket: bucket.bucket, need, want: need + lease });
      }
    }
    reservation.slots = slots;
    return authority.ask(asks, token).then((grants) => {
      const later = this.#clock.now();
      let refused = false;
      for (let at = 0; at < grants.length; at++) {
        if (grants[at]!.granted < asks[at]!.need) refused = true;
        if (grants[at]!.degraded === true && !this.#failOpen) known = false;
      }
      let next = 0;
      let worst: LocalBucket | null = null;
      let wait = 0;
      for (let at = 0; at < buckets.length; at++) {
        if (asking[at] !== true) continue;
        const bucket = buckets[at]!;
        const ask = asks[next]!;
        const grant = grants[next]!;
        next++;
        if (ask.want > ask.need) bucket.refilling = false;
        if (!refused) {
          this.#leases.granted(bucket, grant, grant.granted - ask.need, token, later);
        } else if (known) {
          // What a budget lacks no wait brings: it is there again in the next window.
          const waitMs = bucket.cost && grant.retryAfterMs > 0 ? this.#toEndMs(bucket) : grant.retryAfterMs;
          bucket.refused(
            waitMs === grant.retryAfterMs ? grant : { ...grant, retryAfterMs: waitMs },
            ask.need,
            later,
          );
          // Those that would not have refused gave nothing only because another did.
          if (waitMs <= wait) continue;
          worst = bucket;
          wait = waitMs;
        }
      }
      if (!refused) return this.#admitted(reservation, later);
      this.#putBackCovered(reservation, asking, later);
      for (const [bucket, units] of rests ?? []) this.#leases.putBack(bucket, units, later);
      if (reservation.state === 'settled') return null;
      return known
        ? refuse(reservation, worst ?? buckets[0]!, Math.max(1, wait), this.#clock)
        : refuseUnknown(reservation);
    });
  }

  #admitted(reservation: Reservation, now: number): null {
    if (reservation.state === 'settled') {
      // The client left while we asked.
      reservation.state = 'held';
      this.#settling.settle(reservation, 0, 0, 0, now);
      return null;
    }
    for (const bucket of reservation.buckets) bucket.meter.admitted();
    this.#hold(reservation, now);
    return null;
  }

  #hold(reservation: Reservation, now: number): void {
    reservation.state = 'held';
    if (this.#estate === null) return;
    // Claimed only whole: what a part was granted without its owner is not to come back from it.
    let counts = false;
    for (const bucket of reservation.buckets) {
      if (bucket.rule.dimension !== 'tokens') continue;
      if (bucket.authority !== this.#authority || !bucket.booked(now)) return;
      counts = true;
    }
    if (counts) this.#estate.open(reservation, now);
  }

  /** ms until the window of a budget ends; Infinity = never. */
  #toEndMs({ rule }: LocalBucket): number {
    const { endsAtMs = 0 } = rule;
    return endsAtMs === 0 ? Number.POSITIVE_INFINITY : Math.max(1, endsAtMs - this.#store!.windows.wall());
  }

  /** What other buckets gave for a call that one refused. */
  #putBackCovered(reservation: Reservation, asking: readonly boolean[], now: number): void {
    let slot = 0;
    for (let at = 0; at < reservation.buckets.length; at++) {
      const bucket = reservation.buckets[at]!;
      const from = bucket.slots ? reservation.slots![slot++]! : '';
      if (asking[at] === true) continue;
      if (bucket.slots) this.#leases.putBackSlot(bucket, from, now);
      else this.#leases.putBack(bucket, unitsOf(reservation, bucket.rule), now);
    }
    reservation.slots = null;
  }

  /** Who counts; null before a configuration says so. */
  #books(): RechargeBooks | null {
    const [store, authority, tally] = [this.#store, this.#authority, this.#tally];
    if (store === null || authority === null) return null;
    const { windows, version } = store;
    return { windows, version, authority, tally, token: () => this.#token() };
  }

  /** Never a client's request id: two calls that claim the same one would be counted as one. */
  #token(): string {
    return `${this.#origin}-${(this.#serial++).toString(36)}`;
  }
}

/** The buckets a client is told of. */
function toldOf({ own, newest }: Hold): readonly LocalBucket[] {
  const { told } = own.list;
  if (newest === null) return told;
  const all = [...told];
  // What refused the last target is told as well: it may be why the call is refused.
  for (let target: Reservation | null = newest; target !== null; target = target.earlier)
    if (target.state === 'held' || (target === newest && target.state === 'refused'))
      all.push(...target.list.told);
  return all;
}
