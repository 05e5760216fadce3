/** What everybody who is compared sends: the same requests, byte for byte, in the same order. */

export const CAMPAIGN = 'bench';
export const TEMPLATE = 'promo';
export const HEADERS = {
  'content-type': 'application/json',
  authorization: `Basic ${Buffer.from('sandbox:sandbox').toString('base64')}`,
};

/** `+65` and 8 digits; distinct for 18 million places, in a scattered order, and all valid. */
export function numberAt(place: number): string {
  return `+${6_580_100_000 + ((place * 7919) % 18_899_999)}`;
}

/** Two short params, different for each recipient. */
export function paramsAt(place: number): { name: string; code: string } {
  return { name: `Ada ${place % 100}`, code: String(place) };
}

/** Personal text: each recipient is a message. */
export function* personalRows(
  count: number,
): Generator<{ to: string; params: Record<string, string> }> {
  for (let place = 0; place < count; place++) {
    yield { to: numberAt(place), params: paramsAt(place) };
  }
}

export function requestBody(
  to: readonly string[],
  params: Readonly<Record<string, string>>,
): string {
  return JSON.stringify({ to, template: { id: TEMPLATE, params }, plan_name: CAMPAIGN });
}

/** @param batch how many numbers a message has; alone, a number gets params of its own */
export function bodyAt(message: number, batch: number): string {
  if (batch === 1) return requestBody([numberAt(message)], paramsAt(message));
  const to = Array.from({ length: batch }, (_none, at) => numberAt(message * batch + at));
  return requestBody(to, {});
}
