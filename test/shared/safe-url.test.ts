import fc from 'fast-check';
import { expect, test } from 'vitest';
import { shownUrl } from '../../src/shared/safe-url.ts';

test.for([
  ['https://smsapi.engagelab.com', 'https://smsapi.engagelab.com'],
  ['http://user:geheim@proxy.example:3128/', 'http://proxy.example:3128'],
  ['https://hooks.example/services/geheim', 'https://hooks.example'],
  ['https://x.example?token=geheim#geheim', 'https://x.example'],
  ['http://:ge/heim@proxy.example', 'a URL that is not shown'],
  ['http://:ge@heim@proxy.example', 'a URL that is not shown'],
  ['geheim', 'a URL that is not shown'],
  ['mailto:geheim', 'a URL that is not shown'],
] as const)('%s is shown as %s', ([url, shown]) => {
  expect(shownUrl(url)).toBe(shown);
});

test('a login is never shown, whatever it is made of', () => {
  const secret = fc.string({ minLength: 6, unit: fc.constantFrom(...'@:/?#%[]\\ zq7Z') });
  fc.assert(
    fc.property(secret, (text) => {
      expect(shownUrl(`http://user:${text}@host.example:3128`)).not.toContain(text.toLowerCase());
    }),
  );
});
