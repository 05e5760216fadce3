/** So many recipients, each `group` of them with one text; none is held in memory. */
export function* people(
  count: number,
  group = 1,
): Generator<{ to: string; params: { name: string } }> {
  for (let at = 0; at < count; at++) {
    yield { to: numberAt(at), params: { name: `Ada ${Math.floor(at / group)}` } };
  }
}

export function numberAt(position: number): string {
  return `+65${81_000_000 + position}`;
}
