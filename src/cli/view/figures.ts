/** Numbers, spans and moments as a person reads them. JSON output has none of this. */

const GROUPED = new Intl.NumberFormat('en');

/** `1204` → `1,204` */
export function grouped(count: number): string {
  return GROUPED.format(count);
}

/** `1204` and `row` → `1,204 rows` */
export function counted(count: number, noun: string): string {
  return `${grouped(count)} ${noun}${count === 1 ? '' : 's'}`;
}

/** `95` → `1 min 35 s`; the two largest units. */
export function span(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  const units: [number, string][] = [
    [86_400, 'd'],
    [3600, 'h'],
    [60, 'min'],
    [1, 's'],
  ];
  const first = units.findIndex(([size]) => whole >= size);
  if (first === -1) return '0 s';
  const words: string[] = [];
  let rest = whole;
  for (const [size, name] of units.slice(first, first + 2)) {
    const count = Math.floor(rest / size);
    rest -= count * size;
    if (count > 0) words.push(`${count} ${name}`);
  }
  return words.join(' ');
}

/** Unix ms → `2026-11-27 09:00:00Z`: unambiguous wherever it is read. */
export function moment(ms: number): string {
  return new Date(ms)
    .toISOString()
    .replace('T', ' ')
    .replace(/\.\d+Z$/, 'Z');
}

/** Bytes in MB, one decimal. */
export function megabytes(bytes: number): string {
  return `${(bytes / 1_000_000).toFixed(1)} MB`;
}

/** `12345678` → `12.3 MB`, `45678` → `46 kB` */
export function memorySize(bytes: number): string {
  return bytes < 1_000_000 ? `${grouped(Math.ceil(bytes / 1000))} kB` : megabytes(bytes);
}

/** `0.4267` → `42 %`; never 100 before it is. */
export function percent(share: number): string {
  return `${Math.floor(Math.min(1, share) * 100)} %`;
}

/** Jobs of which nothing but their number is known. */
export function goneWords(jobs: number): string {
  const are = jobs === 1 ? 'is' : 'are';
  return `${counted(jobs, 'job')} ${are} gone, or cannot be read: another program, or Redis, removed or changed them`;
}
