// How far an export is, as it stands in the database.
export interface ExportState {
  /** Each hour that is over, what of the ledger was corrected in it, or a window that was asked for. */
  readonly mode: 'hourly' | 'corrections' | 'window';
  /** ms since 1970; `until` exclusive. */
  readonly since: number;
  readonly until: number;
  /** Folder of its objects below the prefix; '' = none. */
  readonly folder: string;
  /** Start of the hour it is at. */
  readonly hour: number;
  /** Where in it the next object begins; null = at its end, since the newest come first. */
  readonly cursor: string | null;
  /** Number of that object in its hour. */
  readonly part: number;
  readonly rows: number;
  readonly objects: number;
  /** Gatehouse that works on it; '' = none. */
  readonly owner: string;
  /** Why it ended before its end. */
  readonly error: string;
}

export function freshState(mode: ExportState['mode'], hour: number, until: number): ExportState {
  return {
    mode,
    since: hour,
    until,
    folder: '',
    hour,
    cursor: null,
    part: 0,
    rows: 0,
    objects: 0,
    owner: '',
    error: '',
  };
}

/** Only `freshState` makes them; another version may have made others. */
export function isExportState(state: object): state is ExportState {
  return Object.keys(freshState('hourly', 0, 0)).every((key) => key in state);
}
