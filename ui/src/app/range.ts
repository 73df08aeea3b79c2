// The range of time that is looked at, of the address; live where it ends now.
import { computed, signal } from '@preact/signals';
import { rangeOf } from '../format/range.ts';
import { query } from './router.ts';

export const PRESETS = [
  ['-15m', 'Last 15 minutes'],
  ['-1h', 'Last hour'],
  ['-6h', 'Last 6 hours'],
  ['-24h', 'Last 24 hours'],
  ['-7d', 'Last 7 days'],
  ['-30d', 'Last 30 days'],
  ['-365d', 'Last year'],
] as const;

/** Moves on with time while a range is live. */
export const now = signal(Date.now());

export const range = computed(() => rangeOf(query.value, now.value));
