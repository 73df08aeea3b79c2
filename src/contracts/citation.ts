// Where a passage of an answer comes from, as no vendor in particular says it.

/** A passage of a document that the request holds. */
export interface CitedDocument {
  /** Its number among the request's documents, from 0. */
  index: number;
  unit: 'char' | 'page' | 'block';
  /** [start, end) in units. */
  start: number;
  end: number;
}

export interface Citation {
  /** Of a page; null = the source has no address. */
  url: string | null;
  title: string | null;
  /** The source's own words. */
  quote: string | null;
  /** What it stands for, [start, end) of the part's text in characters; null = all of it. */
  range: { start: number; end: number } | null;
  document: CitedDocument | null;
}
