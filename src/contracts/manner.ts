// What a vendor's API does around its bodies, as data: headers, authentication, what a prompt costs beside its text.
// One record a dialect, `dialects/*/manner.ts`; those who need it read it and never ask for the dialect's name.
import type { DialectName } from './dialect-name.ts';
import type { ProviderAuth } from './provider.ts';

/**
 * How rate-limit headers are written: `x-ratelimit` is `x-ratelimit-remaining-tokens` with a duration until the reset,
 * `anthropic-ratelimit` is `anthropic-ratelimit-tokens-remaining` with the date of it, `none` is no header but `retry-after`.
 */
export type LimitHeaderStyle = 'x-ratelimit' | 'anthropic-ratelimit' | 'none';

/** Tokens that a prompt has besides those of its text. */
export interface PromptCosts {
  /** Frame of the whole prompt. */
  request: number;
  message: number;
  /** A message's `name`. */
  name: number;
  /** A call of a tool besides its name and arguments. */
  toolCall: number;
  /** Once, when there are tools (Anthropic puts a system prompt of its own before them). */
  tools: number;
  /** A tool's definition besides its JSON. */
  tool: number;
  /** Pixels are not looked at: an image is taken to be 1024 x 1024. */
  image: number;
  imageLowDetail: number;
}

export interface Manner {
  readonly dialect: DialectName;
  /** Whose proofs of reasoning stand unwrapped on this wire; null = nobody's: all are wrapped (dialects/proofs.ts). */
  readonly maker: string | null;
  /**
   * Reasoning is one block with its proof: one that stands elsewhere joins the thoughts before it. In a stream it finds them open
   * where it comes right behind them (`at once`), or behind the text too, as blocks may end out of turn (`late`). Absent: it joins
   * none.
   */
  readonly joinsProofs?: 'at once' | 'late';
  /** Client headers that go on to an upstream of the same dialect: whole names, and beginnings that end in `-`. */
  readonly forwardedHeaders: readonly string[];
  /** Every request carries these unless the provider's configuration or the client says otherwise. */
  readonly fixedHeaders: Readonly<Record<string, string>>;
  readonly limitHeaders: LimitHeaderStyle;
  /** Under this name too every answer carries its request id; absent = the usual names do. */
  readonly requestIdHeader?: string;
  /** How a custom provider of this dialect takes its keys when its configuration does not say. */
  readonly auth: ProviderAuth;
  /** SDKs of the vendor take a base URL that ends in `/v1`. */
  readonly versionInBaseUrl: boolean;
  /** The vendor has a request member `fallbacks` too: what is no list of strings is meant for it. */
  readonly ownFallbacks: boolean;
  /** Its vendor fetches nothing that a request gives the address of; absent = it does. */
  readonly bytesOnly?: true;
  /** The vendor's SDKs read past a comment behind the end of a stream. Absent: some take it for the rest of a broken event. */
  readonly commentBehindEnd?: boolean;
  /** What a client of a stream reads past, said while the stream is silent. Absent: there is no such thing. */
  readonly heartbeat?: string;
  /** The head of a whole answer tells its tokens, as Bedrock's does. Absent: its body alone. */
  readonly tokensInHead?: true;
  readonly promptCosts: PromptCosts;
}
