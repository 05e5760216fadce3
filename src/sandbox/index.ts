/** The sandbox's public surface. */
export type { Arrival } from './arrivals.ts';
export type { Stats } from './books.ts';
export type { FaultSettings, RequestInfo, RequestPoint, SandboxOptions } from './options.ts';
export { SANDBOX_KEY, SANDBOX_SECRET, Sandbox, startSandbox } from './sandbox.ts';
export type { Text } from './texts.ts';
