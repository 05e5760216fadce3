import { expect, test } from 'vitest';
import { originOf } from '../../src/shared/destination.ts';

test.each([
  'https://smsapi.engagelab.com',
  'https://smsapi.engagelab.com/',
  'HTTPS://SmsApi.EngageLab.com',
  'https://smsapi.engagelab.com:443/v2/',
  'https://smsapi.engagelab.com.',
  'https://smsapi.engagelab.com.:443/',
])('%s is one origin', (url) => {
  expect(originOf(url)).toBe('https://smsapi.engagelab.com');
});

test.each([
  'http://smsapi.engagelab.com',
  'https://smsapi.engagelab.com:8443',
  'https://engagelab.com',
])('%s is another', (url) => {
  expect(originOf(url)).not.toBe('https://smsapi.engagelab.com');
});
