/**
 * A Fastify app that texts a customer once an order is on its way. A worker does the sending; see embedded-worker.ts.
 *
 *   curl -X POST localhost:3000/orders/A-17/shipped -H 'content-type: application/json' -d '{"phone": "+6591234567"}'
 */
import Fastify from 'fastify';
import { createProducer, VolleyError } from 'volley';

const { PORT = '3000', REDIS_URL, VOLLEY_PREFIX } = process.env;
const app = Fastify();
const volley = createProducer({ redis: REDIS_URL, prefix: VOLLEY_PREFIX });
app.addHook('onClose', () => volley.close());

interface Shipped {
  Params: { id: string };
  Body: { phone: string };
}

app.post<Shipped>('/orders/:id/shipped', async (request, reply) => {
  const { id } = request.params;
  const { message, deduplicated } = await volley.notify({
    to: request.body.phone,
    template: 'shipped',
    params: { order: id },
    // Whoever calls twice, for a reply that was lost, does not text twice.
    dedupeKey: `shipped-${id}`,
  });
  return reply.code(202).send({ message, deduplicated });
});

app.setErrorHandler((error, _request, reply) => {
  if (!(error instanceof VolleyError)) return reply.send(error);
  const status = error.code === 'bad_input' ? 400 : 503;
  return reply.code(status).send({ code: error.code, error: error.message });
});

process.once('SIGTERM', () => app.close());
console.log(await app.listen({ port: Number(PORT) }));
