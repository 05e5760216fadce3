/**
 * The errors of Volley: one table of codes, and one of the reasons of a `conflict`. Types, the command's exit codes and
 * docs/errors.md (`npm run docs`) are made from them.
 */
interface CodeMeaning {
  /** When it is thrown. */
  readonly when: string;
  /** Whether the same call may be made again without a change; `depends`: `details.why` tells. */
  readonly again: 'yes' | 'no' | 'depends';
  /** What to do about it. */
  readonly advice: string;
  /** What the command ends with: 2 for wrong use or bad input, 1 for anything else. */
  readonly exit: 1 | 2;
}

interface ConflictMeaning {
  readonly when: string;
  readonly again: 'yes' | 'no';
  readonly advice: string;
}

export const ERROR_CODES = {
  bad_input: {
    when: 'A list, a row, an option or a value is not what it must be.',
    again: 'no',
    advice: 'Mend what the message names.',
    exit: 2,
  },
  bad_config: {
    when: 'A setting is missing or wrong.',
    again: 'no',
    advice: 'Set the option or variable that the message names.',
    exit: 2,
  },
  conflict: {
    when: 'What was asked for does not fit what is already there.',
    again: 'depends',
    advice: '`details.why` tells, below.',
    exit: 2,
  },
  not_found: {
    when: 'There is no such campaign, job or message.',
    again: 'no',
    advice: '`volley campaigns` lists the campaigns.',
    exit: 2,
  },
  unavailable: {
    when: 'Redis, or a program that is needed, is away or refuses.',
    again: 'yes',
    advice: 'Wait until it is back, or mend what the message names.',
    exit: 1,
  },
  interrupted: {
    when: 'It was stopped on request before it was done.',
    again: 'yes',
    advice: 'Ask again when you want it after all.',
    exit: 1,
  },
  corrupt: {
    when: 'Stored data cannot be read: damaged, or written by a newer Volley.',
    again: 'no',
    advice: 'Upgrade Volley where the message says so; else see what another program wrote there.',
    exit: 1,
  },
} as const satisfies Record<string, CodeMeaning>;

/** What went wrong, as a stable word: programs tell errors apart by it, never by their text. */
export type ErrorCode = keyof typeof ERROR_CODES;

export const CONFLICTS = {
  send_at_work: {
    when: "Another `send` is at work on the campaign's id, or has taken it over.",
    again: 'yes',
    advice: 'Wait for it to end.',
  },
  unrecorded: {
    when: 'Another program, or Redis, removed the record of a campaign that was sent, and not what lies beside it.',
    again: 'no',
    advice:
      'Choose another id, for people of whom it is known otherwise that they were not texted.',
  },
  disturbed: {
    when: "Another program wrote into the campaign's queue while it was being enqueued; nothing was released.",
    again: 'yes',
    advice: 'Ask again.',
  },
  other_list: {
    when: 'The id was used before, with another list, template or params.',
    again: 'no',
    advice: 'Choose another id for what is new.',
  },
  same_list: {
    when: 'A fifth of the list or more was texted the same message within 24 hours by other campaigns, or is to be.',
    again: 'no',
    advice: 'Where everybody is to be texted once more, say so with `again`.',
  },
  not_released: {
    when: 'The campaign is still being enqueued, or its `send` died in the middle.',
    again: 'yes',
    advice: 'Wait for the `send` to end, or run it again; a `cancel` ends the campaign.',
  },
  pending: {
    when: 'The campaign has recipients pending.',
    again: 'yes',
    advice: 'Wait for its end, or cancel it.',
  },
  unended: {
    when: 'The campaign is finished, but some of its jobs have still to be put away.',
    again: 'yes',
    advice: 'Wait a moment; a running worker does that.',
  },
  counting: {
    when: 'The campaign is being sent faster than it can be counted.',
    again: 'yes',
    advice: 'Pause it, or wait for its end.',
  },
  job_at_work: {
    when: 'A worker is at the job that is to be replayed.',
    again: 'yes',
    advice: 'Wait until it is done.',
  },
  changed: {
    when: 'The campaign is no longer what the caller expected, or was asked about.',
    again: 'no',
    advice: 'Look at it again, and ask for what is wanted then.',
  },
  finished: {
    when: 'The campaign is finished: nothing of it is left to send.',
    again: 'no',
    advice: 'Nothing is left to do.',
  },
  cancelled: {
    when: 'The campaign was cancelled: nothing further of it is sent.',
    again: 'no',
    advice: 'Choose another id to send the list after all.',
  },
  forgotten: {
    when: 'The campaign is finished, and its jobs were forgotten.',
    again: 'no',
    advice: 'Nothing is left to do.',
  },
  gone: {
    when: 'The campaign, or its jobs, went away while it was being replayed.',
    again: 'no',
    advice: 'Look at its status.',
  },
  folder_in_use: {
    when: 'Another `volley up` uses the folder.',
    again: 'yes',
    advice: 'Stop that one, or choose another folder.',
  },
} as const satisfies Record<string, ConflictMeaning>;

/** Why something is a conflict: a closed set of words. Some pass by themselves, others never do (docs/errors.md). */
export type ConflictReason = keyof typeof CONFLICTS;

/** What a program may want to know of an error beyond its code. */
export interface ErrorDetails {
  /** Of a `conflict`, and of no other code. */
  readonly why: ConflictReason;
}

/** Every error that Volley throws on purpose. Its message is fit to be shown to a user. */
export class VolleyError extends Error {
  readonly code: ErrorCode;
  /** Of a `conflict`; other codes have none. */
  declare readonly details?: ErrorDetails;

  constructor(code: Exclude<ErrorCode, 'conflict'>, message: string, options?: ErrorOptions);
  constructor(
    code: ErrorCode,
    message: string,
    options: ErrorOptions & { details: ErrorDetails | undefined },
  );
  constructor(
    code: ErrorCode,
    message: string,
    { details, ...options }: ErrorOptions & { details?: ErrorDetails | undefined } = {},
  ) {
    super(message, options);
    this.name = 'VolleyError';
    this.code = code;
    if (details) this.details = details;
  }

  /** The same error in other words: its code and details stay, and it is the cause of the new one. */
  reworded(message: string): VolleyError {
    return new VolleyError(this.code, message, { cause: this, details: this.details });
  }
}

/** @returns VolleyError `conflict`, with its reason among the details */
export function conflict(why: ConflictReason, message: string): VolleyError {
  return new VolleyError('conflict', message, { details: { why } });
}

/** One line that says what failed, whatever was thrown. */
export function describeError(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) {
    return describeError(error.errors[0]);
  }
  if (error instanceof Error) return error.message || error.name;
  return String(error);
}
