import { crossSection, matrix } from './cells.ts';
import { play } from './scenario.ts';
const [, , point, victim, policy='park'] = process.argv;
for (const cell of matrix().filter(c => (c.point===point) && (!victim || c.victim===victim) && c.policy===policy)) {
  const r = await play(cell, process.env['PATH'] ?? '');
  console.log(cell.point, '|', cell.victim, '|', cell.policy, JSON.stringify(r));
}
