// The worker's side of metrics: counts into Float64Array slots and hands over what changed since the last push.
// No prom-client here: a handle is looked up once and then costs an addition. The primary owns the totals.
import type { MetricDelta } from '../contracts/ipc.ts';
import {
  type CounterName,
  type FamilyName,
  type GaugeName,
  type HistogramName,
  type LabelValues,
  METRIC_FAMILIES,
  type MetricFamily,
  OVERFLOW_LABEL,
} from './metric-families.ts';

export interface CounterHandle {
  add(amount: number): void;
}

export interface GaugeHandle {
  set(value: number): void;
}

export interface HistogramHandle {
  observe(value: number): void;
  /** As `count` observations of the same value. */
  observeMany(value: number, count: number): void;
}

export interface SeriesMaker {
  counter<F extends CounterName>(family: F, labels: LabelValues<F>): CounterHandle;
  gauge<F extends GaugeName>(family: F, labels: LabelValues<F>): GaugeHandle;
  histogram<F extends HistogramName>(family: F, labels: LabelValues<F>): HistogramHandle;
}

export interface Recorder extends SeriesMaker {
  /** For label sets that callers choose: half of a family at most, the rest stays for those that are configured. */
  readonly modest: SeriesMaker;
  /** Everything that changed since the last call; increments start again at zero. */
  takeDelta(): MetricDelta;
}

export interface RecorderOptions {
  /** Series a family may have in this worker; one more is the overflow series. */
  seriesPerFamily?: number;
}

/** 1024 slots of 8 bytes: pages never move, so a handle keeps its page and index for good. */
const PAGE_SLOTS = 1024;
const DEFAULT_SERIES_PER_FAMILY = 2000;

/** Slots for new series and the list of those touched since the last delta. */
class Slots {
  readonly touched: Series[] = [];
  #page = new Float64Array(PAGE_SLOTS);
  #used = 0;

  reserve(count: number): { page: Float64Array; at: number } {
    if (this.#used + count > PAGE_SLOTS) {
      this.#page = new Float64Array(PAGE_SLOTS);
      this.#used = 0;
    }
    const at = this.#used;
    this.#used += count;
    return { page: this.#page, at };
  }
}

type Series = CounterSeries | GaugeSeries | HistogramSeries;

class CounterSeries implements CounterHandle {
  readonly id: number;
  readonly #slots: Slots;
  readonly #page: Float64Array;
  readonly #at: number;
  #touched = false;

  constructor(id: number, slots: Slots) {
    this.id = id;
    this.#slots = slots;
    const { page, at } = slots.reserve(1);
    this.#page = page;
    this.#at = at;
  }

  add(amount: number): void {
    this.#page[this.#at]! += amount;
    if (!this.#touched) {
      this.#touched = true;
      this.#slots.touched.push(this);
    }
  }

  take(delta: MetricDelta): void {
    const value = this.#page[this.#at]!;
    this.#page[this.#at] = 0;
    this.#touched = false;
    if (value !== 0) delta.counters.push([this.id, value]);
  }
}

class GaugeSeries implements GaugeHandle {
  readonly id: number;
  readonly #slots: Slots;
  #value = Number.NaN;
  #touched = false;

  constructor(id: number, slots: Slots) {
    this.id = id;
    this.#slots = slots;
  }

  set(value: number): void {
    if (value === this.#value) return;
    this.#value = value;
    if (!this.#touched) {
      this.#touched = true;
      this.#slots.touched.push(this);
    }
  }

  take(delta: MetricDelta): void {
    this.#touched = false;
    delta.gauges.push([this.id, this.#value]);
  }
}

/** Slots of one histogram: a count per bound, one for +Inf, the sum, the count. */
class HistogramSeries implements HistogramHandle {
  readonly id: number;
  readonly #slots: Slots;
  readonly #bounds: readonly number[];
  readonly #page: Float64Array;
  readonly #at: number;
  readonly #sumAt: number;
  #touched = false;

  constructor(id: number, slots: Slots, bounds: readonly number[]) {
    this.id = id;
    this.#slots = slots;
    this.#bounds = bounds;
    const { page, at } = slots.reserve(bounds.length + 3);
    this.#page = page;
    this.#at = at;
    this.#sumAt = at + bounds.length + 1;
  }

  observe(value: number): void {
    this.observeMany(value, 1);
  }

  observeMany(value: number, count: number): void {
    const bounds = this.#bounds;
    // Binary search of the first bound >= value: 4-5 steps for our tables.
    let low = 0;
    let high = bounds.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (bounds[middle]! < value) low = middle + 1;
      else high = middle;
    }
    const page = this.#page;
    page[this.#at + low]! += count;
    page[this.#sumAt]! += value * count;
    page[this.#sumAt + 1]! += count;
    if (!this.#touched) {
      this.#touched = true;
      this.#slots.touched.push(this);
    }
  }

  take(delta: MetricDelta): void {
    const page = this.#page;
    const counts = Array.from(page.subarray(this.#at, this.#sumAt));
    delta.histograms.push([this.id, page[this.#sumAt]!, page[this.#sumAt + 1]!, counts]);
    page.fill(0, this.#at, this.#sumAt + 2);
    this.#touched = false;
  }
}

/** Makes the recorder of one worker life: its series ids count from 0 and mean nothing to another life. */
export function createRecorder(options: RecorderOptions = {}): Recorder {
  const cap = options.seriesPerFamily ?? DEFAULT_SERIES_PER_FAMILY;
  const slots = new Slots();
  const families = new Map<FamilyName, { known: Map<string, Series>; modest: number }>();
  let fresh: MetricDelta['series'] = [];
  let nextId = 0;

  function find(family: FamilyName, labels: readonly string[], modest: boolean): Series {
    let members = families.get(family);
    if (members === undefined) families.set(family, (members = { known: new Map(), modest: 0 }));
    const { known } = members;
    const key = labels.join('\0');
    const found = known.get(key);
    if (found !== undefined) return found;
    const row: MetricFamily = METRIC_FAMILIES[family];
    const full = known.size >= cap || (modest && members.modest >= cap / 2);
    if (full && labels.some((label) => label !== OVERFLOW_LABEL)) {
      return find(
        family,
        row.labels.map(() => OVERFLOW_LABEL),
        false,
      );
    }
    const id = nextId++;
    const series =
      row.type === 'counter'
        ? new CounterSeries(id, slots)
        : row.type === 'gauge'
          ? new GaugeSeries(id, slots)
          : new HistogramSeries(id, slots, row.buckets ?? []);
    known.set(key, series);
    if (modest) members.modest++;
    fresh.push(modest ? [id, family, [...labels], true] : [id, family, [...labels]]);
    return series;
  }

  const maker = (modest: boolean): SeriesMaker => ({
    // The family's type in the table decides the class, and the name's type admits only families of that type.
    counter: (family, labels) => find(family, labels, modest) as CounterSeries,
    gauge: (family, labels) => find(family, labels, modest) as GaugeSeries,
    histogram: (family, labels) => find(family, labels, modest) as HistogramSeries,
  });

  return {
    ...maker(false),
    modest: maker(true),

    takeDelta() {
      const delta: MetricDelta = { series: fresh, counters: [], histograms: [], gauges: [] };
      fresh = [];
      for (const series of slots.touched) series.take(delta);
      slots.touched.length = 0;
      return delta;
    },
  };
}
