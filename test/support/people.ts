/** So many recipients with a text of their own, none held in memory. */
export function* people(count: number): Generator<{ to: string; params: { name: string } }> {
  for (let at = 0; at < count; at++) yield { to: numberAt(at), params: { name: `Ada ${at}` } };
}

export function numberAt(position: number): string {
  return `+65${80_000_000 + position}`;
}
