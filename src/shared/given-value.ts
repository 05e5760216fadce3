/** What a program gave in place of what was expected, in a few words for an error. No text longer than a name. */

const LONGEST = 40;

export function describeGiven(value: unknown): string {
  if (value === undefined) return 'none';
  if (value === null) return 'null';
  if (typeof value === 'string') return JSON.stringify(cut(value));
  if (typeof value === 'function') return 'a function; call it';
  if (typeof value !== 'object') return String(value);
  if (Array.isArray(value)) return 'an array';
  if ('then' in value && typeof value.then === 'function') return 'a promise; await it';
  const maker: unknown = Reflect.get(value, 'constructor');
  const name = typeof maker === 'function' ? maker.name : '';
  if (name === '' || name === 'Object') return 'an object';
  return /^[AEIO]/.test(name) ? `an ${name}` : `a ${name}`;
}

/** Whether it can be options by their names: an instance of a program's own class can, what is gone through cannot. */
export function isOptions(value: unknown): value is object {
  if (typeof value !== 'object' || value === null) return false;
  return !(Symbol.iterator in value || 'then' in value);
}

function cut(text: string): string {
  return text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text;
}
