// Tool names in the alphabet and length that Bedrock takes, `[a-zA-Z0-9_-]{1,64}`. Those that had to change are remembered,
// so that calls in the answer can be turned back.
import { toWireName } from '../anthropic/wire-names.ts';
import { wireName } from '../wire-name.ts';

export class WireNames {
  /** Name on the wire -> the client's. */
  readonly renamed: Record<string, string> = Object.create(null);

  take(name: string): string {
    const wire = wireName(toWireName(name));
    if (wire !== name) this.renamed[wire] = name;
    return wire;
  }
}
