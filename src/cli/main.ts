/**
 * Where the command begins. A worker's signals are caught before anything else is loaded: one that is told to stop
 * while it starts must stop as it would later, and not die in the middle.
 */
import { claimSignals } from './process/signals.ts';

if (process.argv[2] === 'worker') claimSignals();

const { main } = await import('./program.ts');
// Not left to the event loop: after a failure a connection may still be trying to come back.
process.exit(await main(process.argv));
