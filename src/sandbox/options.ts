/** What a sandbox can be told: at its start, and which part of it while it runs. */
import * as z from 'zod';

const Share = z.number().min(0).max(1);
const Milliseconds = z.number().nonnegative();

const AllFaultSettings = z.strictObject({
  /** The share of requests that each fault befalls. */
  rates: z.record(z.string(), Share),
  /** The fault of every request with that template. */
  on_template: z.record(z.string(), z.string()),
  /** The fault of every request with that number among its recipients. */
  on_number: z.record(z.string(), z.string()),
  /** A request with one of these is refused whole, 3003, and not told which number it was. */
  bad_numbers: z.union([z.array(z.string()), z.set(z.string())]),
  /** Before every reply, in milliseconds: fixed, or least and most. */
  latency: z.union([
    Milliseconds,
    z
      .tuple([Milliseconds, Milliseconds])
      .refine(([least, most]) => least <= most, 'expected least before most'),
  ]),
  /** Where the random numbers begin. Setting it, or `rates`, begins them anew. */
  seed: z.int(),
});
export type AllFaultSettings = z.infer<typeof AllFaultSettings>;

/** Each part that is given replaces that part; what is not given stays as it is. */
export const FaultSettings = AllFaultSettings.partial();
export type FaultSettings = z.infer<typeof FaultSettings>;

/** The points of a request at which `onRequest` is called. */
export type RequestPoint =
  | 'received' // read to its end; nothing counted yet
  | 'before_reply' // counted; not a byte of the reply written
  | 'half_reply' // the head and half the body have left
  | 'replied'; // all has left

export interface RequestInfo {
  readonly point: RequestPoint;
  /** Counted from 1, in the order of arrival. */
  readonly request: number;
  /** Empty where the request was refused before it was understood; so is `template`. */
  readonly to: readonly string[];
  readonly template: string;
  readonly params: unknown;
  /** `ok`, the name of a fault, or the code of a refusal. */
  readonly answer: string;
}

export interface SandboxOptions {
  /** Default 127.0.0.1. */
  readonly host?: string | undefined;
  /** Default 0: any that is free. */
  readonly port?: number | undefined;
  /** The dev key and secret; default `sandbox` and `sandbox`. */
  readonly key?: string | undefined;
  readonly secret?: string | undefined;
  /**
   * Further pairs that are accepted. The keys `disabled` and `forbidden` never are: 2002 and
   * 2004.
   */
  readonly credentials?: readonly { readonly key: string; readonly secret: string }[] | undefined;
  /**
   * The only templates there are; default: all but those that begin with `missing`. Faults
   * always are.
   */
  readonly templates?: Iterable<string> | undefined;
  readonly faults?: FaultSettings | undefined;
  /** Default false: 16 bytes a request. */
  readonly recordArrivals?: boolean | undefined;
  /**
   * Called at each point of each request, and waited for. The last two come only where a whole
   * reply is given.
   * What it throws is nobody's to catch: the process ends, or the test fails.
   */
  readonly onRequest?: ((info: RequestInfo) => void | Promise<void>) | undefined;
  /** How long an idle connection is kept; default 60,000 ms. */
  readonly keepAliveMs?: number | undefined;
  /** The wall clock, in Unix milliseconds; default `Date.now`. */
  readonly now?: (() => number) | undefined;
}
