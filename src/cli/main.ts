/**
 * Where the command begins. A worker's signals are caught before anything else is loaded: one that is told to stop
 * while it starts must stop as it would later, and not die in the middle.
 */
import { claimSignals } from './signals.ts';

if (process.argv[2] === 'worker') claimSignals();

const { main } = await import('./program.ts');
process.exitCode = await main(process.argv);
