// The intake of the product, hand-written: a sender is let in by its secret, a request is checked against a schema, limited by
// the minute, and stored as one batch with one prepared statement, committed before the answer.
import { createHash, randomUUID, timingSafeEqual } from 'node:crypto'
import Fastify from 'fastify'
import pg from 'pg'

const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL, max: 16 })
const secret = createHash('sha256').update('secret-of-the-peer').digest()
const perMinute = 1_000_000
const minutes = new Map()

const store = {
  name: 'store',
  text: `with b as (
           insert into batch (id, webhook_id, total, earliest, ready_at)
           values ($1, $2, $3, to_timestamp($4), to_timestamp($5)) returning id)
         insert into conversion (batch_id, position, client_id, user_id, yclid, purchase_id, target, date_time, price, currency)
         select b.id, r.position, r.client_id, r.user_id, r.yclid, r.purchase_id, r.target, r.date_time, r.price, r.currency
           from b, json_to_recordset($6::json) as r (position int, client_id text, user_id text, yclid text, purchase_id text,
                                                     target text, date_time bigint, price numeric, currency text)`
}

const text = { type: 'string', minLength: 1, maxLength: 1000 }
const schema = {
  body: {
    type: 'object',
    required: ['conversions'],
    properties: {
      conversions: {
        type: 'array',
        minItems: 1,
        maxItems: 1000,
        items: {
          type: 'object',
          required: ['target', 'date_time'],
          anyOf: ['client_id', 'user_id', 'yclid', 'purchase_id'].map(name => ({ required: [name] })),
          properties: {
            client_id: { type: 'string', pattern: '^[0-9]+([.][0-9]+)?$' },
            user_id: text,
            yclid: { type: 'string', pattern: '^[0-9]+$' },
            purchase_id: text,
            target: { type: 'string', minLength: 1, pattern: '^[^/\\\\&#?="]*$' },
            date_time: text,
            price: { type: 'number', minimum: 0 },
            currency: { type: 'string', pattern: '^[A-Z]{3}$' }
          }
        }
      }
    }
  }
}

const app = Fastify({ bodyLimit: 10 * 1024 * 1024 })

app.addHook('onRequest', async (request, reply) => {
  const given = createHash('sha256').update(request.headers['x-webhook-secret'] ?? '').digest()
  if (!timingSafeEqual(given, secret)) {
    return reply.code(403).send({ error: 'not let in' })
  }
  const minute = Math.floor(Date.now() / 60_000)
  const counted = (minutes.get(minute) ?? 0) + 1
  if (counted > perMinute) {
    return reply.code(429).header('Retry-After', '60').send({ error: 'too many requests' })
  }
  if (counted === 1) {
    minutes.clear()
  }
  minutes.set(minute, counted)
})

app.post('/webhook/offline-conversions/:webhook', { schema }, async (request, reply) => {
  const id = randomUUID()
  const rows = request.body.conversions
  const now = Date.now() / 1000
  let earliest = Infinity
  let latest = 0
  for (let i = 0; i < rows.length; i++) {
    const moment = Date.parse(rows[i].date_time) / 1000
    if (Number.isNaN(moment) || moment > now + 3600) {
      return reply.code(400).send({ error: `conversions[${i}].date_time is not a time in the past` })
    }
    rows[i].position = i
    rows[i].date_time = moment
    earliest = Math.min(earliest, moment)
    latest = Math.max(latest, moment)
  }
  await pool.query({ ...store, values: [id, request.params.webhook, rows.length, earliest, Math.max(now, latest), JSON.stringify(rows)] })
  return { batch_id: id, status: 'accepted', accepted_count: rows.length }
})

app.listen({ host: '127.0.0.1', port: Number(process.env.PORT) })
