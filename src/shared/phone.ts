/** A phone number in E.164 with its `+`: 7 to 15 digits, the first not 0. */
export const E164 = /^\+[1-9]\d{6,14}$/;

/** `+6591234567` → `+65****4567`: enough to recognise, too little to call. Source: docs/design.md, "Config". */
export function maskPhone(number: string): string {
  const digits = number.startsWith('+') ? number.slice(1) : number;
  if (digits.length < 7) return '+****';
  return `+${digits.slice(0, 2)}****${digits.slice(digits.length < 9 ? -2 : -4)}`;
}

/** Masks every run of 7 to 15 digits in a text, so that numbers quoted by EngageLab stay out of logs. */
export function maskPhonesIn(text: string): string {
  return text.replace(/\+?(?<!\d)\d{7,15}(?!\d)/g, maskPhone);
}
