import type { Flow } from './call.ts';

/** Of a call that asks no model. */
export const EMPTY_FLOW: Flow = { stages: [], sinks: [], filters: [] };
