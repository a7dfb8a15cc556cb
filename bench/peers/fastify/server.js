// The list of a fleet's cars by Fastify and pg, written as their documentation advises: a JSON schema for the answer, so
// that it is serialized by generated code; prepared statements on a pool; a process for each core (node:cluster).
//
// From the environment: PORT, PROCESSES, CONNECTIONS (to the database, of all processes together), PUBLIC_KEY (PEM), and
// what libpq's programs take (PGHOST and so on).

import cluster from 'node:cluster'
import { readFileSync } from 'node:fs'
import jwt from '@fastify/jwt'
import Fastify from 'fastify'
import pg from 'pg'

const env = process.env
const processes = Number(env.PROCESSES)
const LIMIT = 50
const HEADERS = {
  'api-version': '0.1.0',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'strict-transport-security': 'max-age=31536000; includeSubDomains',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'cache-control': 'no-store',
  vary: 'Accept-Language, Authorization'
}
const LAYOUTS = [
  'XX-99-99', '99-99-XX', '99-XX-99', 'XX-99-XX', 'XX-XX-99', '99-XX-XX', '99-XXX-9', '9-XXX-99', 'XX-999-X', 'X-999-XX',
  'XXX-99-X', 'X-99-XXX', '9-XX-999', '999-XX-9'
]
const MASKS = new Map(LAYOUTS.map((layout) => [layout.replaceAll('-', ''), layout]))

function shown (country, number) {
  const layout = country === 'NL' && MASKS.get(number.replace(/[0-9]/g, '9').replace(/[A-Z]/g, 'X'))
  if (!layout) return number
  let at = 0
  return layout.replace(/[X9]/g, () => number[at++])
}

const text = { type: 'string' }
const maybe = { type: 'string', nullable: true }
const number = { type: 'integer', nullable: true }
const object = (properties, more) => ({ type: 'object', properties, ...more })
const named = object({ id: text, name: text }, { nullable: true })
const contact = object({ id: text, name: text, email: maybe, mobile: maybe }, { nullable: true })
const passport = object({
  id: text,
  status: text,
  vehicleId: text,
  licencePlate: object({ country: text, number: text, shown: text }),
  make: maybe,
  model: maybe,
  year: number,
  fuel: maybe,
  vin: maybe,
  odometerKm: number,
  garage: named,
  fleet: named,
  customer: contact,
  driver: contact,
  owner: text,
  createdAt: { type: 'string', format: 'date-time' },
  updatedAt: { type: 'string', format: 'date-time' }
})
const schema = { response: { 200: object({ items: { type: 'array', items: passport }, nextCursor: maybe }) } }

function view (row) {
  return {
    id: row.id,
    status: row.status,
    vehicleId: row.vehicle_id,
    licencePlate: { country: row.country, number: row.plate, shown: shown(row.country, row.plate) },
    make: row.make,
    model: row.model,
    year: row.year,
    fuel: row.fuel,
    vin: row.vin,
    odometerKm: row.odometer_km,
    garage: { id: row.garage_id, name: row.garage_name },
    fleet: row.fleet_id && { id: row.fleet_id, name: row.fleet_name },
    customer: null, // the garage's record, not shown to a fleet
    driver: row.driver_id && { id: row.driver_id, name: row.driver_name, email: row.driver_email, mobile: null },
    owner: row.fleet_id ? 'fleet' : row.driver_id ? 'driver' : 'nobody',
    createdAt: row.created_at,
    updatedAt: row.updated_at
  }
}

async function serve () {
  pg.types.setTypeParser(pg.types.builtins.INT8, Number)
  const pool = new pg.Pool({ max: Math.max(1, Math.floor(Number(env.CONNECTIONS) / processes)) })
  const read = (name) => readFileSync(new URL(`../${name}.sql`, import.meta.url), 'utf8')
  const [actorSql, listSql] = [read('actor'), read('list')]
  const app = Fastify()
  await app.register(jwt, {
    secret: { public: env.PUBLIC_KEY },
    verify: { algorithms: ['EdDSA'], allowedIss: 'autopaspoort' }
  })
  app.decorateRequest('actor', null)
  app.addHook('onRequest', async (request, reply) => {
    reply.headers(HEADERS)
    const claims = await request.jwtVerify()
    const found = await pool.query({ name: 'actor', text: actorSql, values: [claims.sid] })
    if (found.rows.length === 0) return reply.code(401).send()
    request.actor = found.rows[0]
  })
  app.get('/v1/passports', { schema }, async (request) => {
    const { rows } = await pool.query({ name: 'list', text: listSql, values: [request.actor.fleet_id, LIMIT + 1] })
    const more = rows.length > LIMIT
    if (more) rows.length = LIMIT
    const last = rows.at(-1)?.id
    return { items: rows.map(view), nextCursor: more ? Buffer.from(JSON.stringify(last)).toString('base64url') : null }
  })
  await app.listen({ host: '127.0.0.1', port: Number(env.PORT) })
}

if (cluster.isPrimary) {
  for (let count = 0; count < processes; count++) cluster.fork()
  process.on('SIGTERM', () => {
    for (const worker of Object.values(cluster.workers)) worker.kill('SIGKILL')
    process.exit(0)
  })
} else {
  process.on('disconnect', () => process.exit(0))
  await serve()
}
