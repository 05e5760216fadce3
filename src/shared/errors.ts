/** What went wrong, as a stable word: programs tell errors apart by it, never by their text. */
export type ErrorCode =
  | 'bad_input' // a list, a row, an option or a value is not what it must be
  | 'bad_config' // a setting is missing or wrong
  | 'conflict' // what was asked for does not fit what is already there
  | 'not_found' // no such campaign, job or message
  | 'unavailable' // Redis, or a program that is needed, is away
  | 'interrupted' // stopped on request before it was done
  | 'corrupt'; // stored data that cannot be read

/** Every error that Volley throws on purpose. Its message is fit to be shown to a user. */
export class VolleyError extends Error {
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'VolleyError';
    this.code = code;
  }
}

/** One line that says what failed, whatever was thrown. */
export function describeError(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) {
    return describeError(error.errors[0]);
  }
  if (error instanceof Error) return error.message || error.name;
  return String(error);
}
