/**
 * Sends a campaign to whom a database has, without ever holding them all: rows are read as fast as they are enqueued.
 * Run it twice and the second run sends nothing: same rows, same campaign.
 */
import { DatabaseSync } from 'node:sqlite';
import { createProducer, type GivenRow } from 'volley';

const { REDIS_URL, VOLLEY_PREFIX } = process.env;

/** A stand-in for the table of your customers. */
function openCustomers(): DatabaseSync {
  const database = new DatabaseSync(':memory:');
  database.exec('CREATE TABLE customers (phone TEXT, name TEXT, points INTEGER)');
  const insert = database.prepare('INSERT INTO customers VALUES (?, ?, ?)');
  for (let at = 0; at < 3000; at++) insert.run(`+${6_591_000_000 + at}`, `Customer ${at}`, at % 7);
  return database;
}

/** One row at a time from the cursor. The order must not change from run to run. */
async function* recipients(database: DatabaseSync): AsyncGenerator<GivenRow> {
  const cursor = database.prepare('SELECT phone, name, points FROM customers ORDER BY phone');
  for (const { phone, name, points } of cursor.iterate()) {
    yield { to: String(phone), params: { name: String(name), points: Number(points) } };
  }
}

const volley = createProducer({ redis: REDIS_URL, prefix: VOLLEY_PREFIX });
const stop = new AbortController();
process.once('SIGINT', () => stop.abort());
try {
  const result = await volley.send(
    { rows: recipients(openCustomers()), name: 'customers' },
    {
      campaign: 'points-2026',
      template: 'points',
      onInvalid: (rows) => console.error(rows),
      signal: stop.signal,
    },
  );
  console.log(JSON.stringify(result));
} finally {
  await volley.close();
}
