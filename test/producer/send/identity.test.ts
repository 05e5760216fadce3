import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { fingerprintOf, type IdentityOptions } from '../../../src/producer/send/identity.ts';

const LIST = 'a'.repeat(64);
const PLAIN: IdentityOptions = { template: 'promo', params: ['name'], constants: { shop: 'x' } };

test('a command without the newer options keeps its id', () => {
  const what = [LIST, 'promo', ['name'], [['shop', 'x']]];
  const before = createHash('sha256').update(JSON.stringify(what)).digest('hex');
  expect(fingerprintOf(LIST, PLAIN)).toBe(before);
  const none = { columns: {}, fallbacks: {}, sheet: undefined, headerRow: undefined };
  expect(fingerprintOf(LIST, { ...PLAIN, ...none, encoding: undefined })).toBe(before);
});

test('each of them makes another campaign', () => {
  const others: Partial<IdentityOptions>[] = [
    {},
    { excludedHash: LIST },
    { columns: { name: 'First Name' } },
    { columns: { name: 'Last Name' } },
    { fallbacks: { name: 'First Name' } },
    { fallbacks: { name: 'there' }, columns: { name: 'First Name' } },
    { headerRow: 2 },
    { headerRow: 3 },
    { sheet: '2' },
    { encoding: 'gb18030' },
    { encoding: 'big5' },
  ];
  const prints = others.map((each) => fingerprintOf(LIST, { ...PLAIN, ...each }));
  expect(new Set(prints).size).toBe(others.length);
});

test('the order in which columns are given makes none', () => {
  const one = fingerprintOf(LIST, { ...PLAIN, columns: { a: 'A', b: 'B' } });
  expect(fingerprintOf(LIST, { ...PLAIN, columns: { b: 'B', a: 'A' } })).toBe(one);
});
