import { describePairs } from './registry.ts';

describePairs(3);
