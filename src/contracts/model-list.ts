// What a provider says of the models it has, and how a dialect reads it.

/** A model as its provider lists it. */
export interface ProviderModel {
  id: string;
  /** For people; null when the provider has no other name. */
  displayName: string | null;
  /** ms since 1970; null when the provider does not say. */
  createdMs: number | null;
}

/** One page of a provider's list. */
export interface ModelPage {
  models: ProviderModel[];
  /** What asks for the next page; null behind the last. */
  next: string | null;
}

/** How a dialect lists models. */
export interface ModelListCodec {
  /** Path and query below the provider's base URL. @param after `next` of the page before; null for the first. */
  address(after: string | null): string;
  /** Entries that are none are left out. @returns null when it is no list. */
  read(body: unknown): ModelPage | null;
}
