// A call of the admin API that is refused, as the caller is told.

/** A call that is refused, in words for the caller. */
export class ApiError extends Error {
  readonly status: number;
  /** Stable, for programs. */
  readonly code: string;
  /** Where in the body or query; '' = nowhere in particular. */
  readonly param: string;
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    status: number,
    code: string,
    message: string,
    more: { param?: string; headers?: Readonly<Record<string, string>> } = {},
  ) {
    super(message);
    this.status = status;
    this.code = code;
    this.param = more.param ?? '';
    this.headers = more.headers ?? {};
  }
}

export const notFound = (what: string): ApiError =>
  new ApiError(404, 'not_found', `There is no such ${what}.`);
