import { describePairs } from './registry.ts';

describePairs(1);
