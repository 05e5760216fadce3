import { counted } from './figures.ts';

export function sizeWords(count: number): string {
  return `The opt-out list has ${counted(count, 'number')}.`;
}
