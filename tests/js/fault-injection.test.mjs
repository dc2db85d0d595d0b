// Ten thousand calls through networks that fail at random. Every call resolves with the right value or rejects with an
// AoError. None hangs, and no message is evaluated twice. The error of a write has the id of its message; if the message
// arrived, the error says that it may have arrived.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { assertAoError } from './support/compare.mjs'
import { faultyFetch } from './support/faulty-network.mjs'
import { answerTo, hyperbeam } from './support/hyperbeam-ledger.mjs'
import { jwk } from './support/key.mjs'
import { aoxide, subpath } from './support/package.mjs'
import { decode, idOf } from './support/peers.mjs'
import { random } from './support/random.mjs'

const { decodeReply } = await subpath('httpsig')

const signer = aoxide.createSigner(jwk)
const TYPED = ['HTTP_NETWORK', 'HTTP_STATUS', 'BAD_RESPONSE', 'TIMEOUT']

/** Texts of errors whose message may have arrived. */
const MAY_HAVE_ARRIVED =
  /may (have|still) arrive|may be scheduled|message was sent|does not show that it\s+arrived|may have its slot/

const PROCESSES = 8

/** A legacy network. Its scheduler refuses an item that it already has. */
function legacyLedger() {
  const slotsByText = new Map()
  const texts = new Map()
  const exists = () => Response.json({ error: 'Error: Error: 400: {"error":"MessageExists(\\"\\")"}' }, { status: 500 })
  function serve({ url, method, body }) {
    const { pathname } = new URL(url)
    if (pathname === '/' && method !== 'POST') return new Response('ao messenger unit')
    if (pathname === '/dry-run') return Response.json(answerTo(JSON.parse(body).Data))
    const [, wanted] = /^\/result\/(.*)$/.exec(pathname) ?? []
    if (wanted) return Response.json(answerTo(texts.get(wanted)))
    const [id, data] = [idOf(body), Buffer.from(decode(body).data, 'hex').toString()]
    if (texts.has(id)) return exists()
    texts.set(id, data)
    slotsByText.set(data, [...(slotsByText.get(data) ?? []), { id }])
    return Response.json({ message: 'Processing DataItem', id }, { status: 202 })
  }
  return { slotsByText, texts, serve }
}

// Long, for machines under load.
const shared = { timeout: 20_000, retry: { attempts: 4, backoff: 2, longestWait: 10, tryTimeout: 150 } }

/** Errors of this test when it reads a response of `request`. The checks for errors of aoxide do not apply to them. */
const ofCaller = new WeakSet()

function callersError(code, message) {
  const error = new aoxide.AoError(code, message)
  ofCaller.add(error)
  return error
}

/** Reads a response of `request`, as a caller does. */
async function readResponse(response) {
  try {
    const { message, problems } = await decodeReply(response)
    if (!response.ok) throw callersError('HTTP_STATUS', `${response.status}`)
    if (problems.length) throw callersError('BAD_RESPONSE', problems[0].code)
    // Without a body: the response was lost, and aoxide found the slot in the schedule.
    if (message.body === undefined) return { slot: message.slot }
    return { slot: Number(response.headers.get('slot')), ...JSON.parse(message.body) }
  } catch (error) {
    if (error instanceof SyntaxError) throw callersError('BAD_RESPONSE', error.message)
    ofCaller.add(error)
    throw error
  }
}

/** The calls of mainnet mode. Each returns its promise and a check of its value. */
function mainnet(generation) {
  return async (rng) => {
    const network = hyperbeam(generation, rng)
    const { slotsByText, processes } = network
    const URL = ['a', 'b', 'c'].map((name) => `https://${name}.${generation}.test`)
    const options = { MODE: 'mainnet', URL, signer, ...shared }
    const fetch = faultyFetch(network.serve, URL, [400, 404, 408, 500, 502, 504], rng)
    const ao = aoxide.connect({ ...options, fetch })
    // Spawns processes through a client without faults, so that there is something to read.
    const reliable = aoxide.connect({ ...options, fetch: async (url, init) => network.serve({ url, ...init }) })
    const spawn = (ao, text, more) => {
      const tags = [{ name: 'execution-device', value: 'lua@5.3a' }]
      return ao.spawn({ scheduler: network.address, tags, data: text, ...more })
    }
    for (let at = 0; at < PROCESSES; at++) await spawn(reliable, `process-${at}`)
    const all = [...processes.keys()]
    const only = (text) => {
      assert.equal(slotsByText.get(text)?.length, 1)
      return slotsByText.get(text)[0]
    }
    /** A request that schedules a message in this signing format. Its response is read by `readResponse`. */
    const scheduling = (format) => (text, more) => {
      const process = rng.pick(all)
      const path = `/${process}~process@1.0/${rng.pick(['push', 'schedule'])}`
      const fields = { Action: 'Say', data: text, ...(format === 'ans104' && { Target: process }) }
      return [
        ao.request({ path, method: 'POST', 'signing-format': format, ...fields, ...more }).then(readResponse),
        ({ slot }) => assert.deepEqual([only(text).process, only(text).slot], [process, slot])
      ]
    }
    const writes = {
      message: (text, more) => [
        ao.message({ process: rng.pick(all), data: text, ...more }),
        (slot) => assert.equal(only(text).slot, slot)
      ],
      messageId: (text, more) => [
        ao.message({ process: rng.pick(all), data: text, returnMessageId: true, returnAssignmentSlot: true, ...more }),
        ({ id, slot }) => assert.deepEqual([only(text).id, only(text).slot], [id, slot])
      ],
      schedule: (text, more) => [
        ao.schedule(rng.pick(all), { data: text, ...more }),
        ({ id, slot }) => assert.deepEqual([only(text).id, only(text).slot], [id, slot])
      ],
      send: (text, more) => [
        ao.send({ process: rng.pick(all), data: text, ...more }),
        ({ id, slot, Output }) =>
          assert.deepEqual([only(text).id, only(text).slot, answerTo(text).Output], [id, slot, Output])
      ],
      spawn: (text, more) => [
        spawn(ao, text, more),
        (process) => assert.deepEqual(only(text), { process, slot: 0, id: process })
      ],
      requestItem: scheduling('ans104'),
      requestMessage: scheduling('httpsig'),
      requestSpawn: (text, more) => [
        ao.request({ path: '/push', method: 'POST', Type: 'Process', data: text, ...more }).then((response) => {
          if (!response.ok) throw callersError('HTTP_STATUS', `${response.status}`)
          if (!response.headers.has('slot')) throw callersError('BAD_RESPONSE', 'no slot')
          return response.headers.get('slot')
        }),
        (slot) => assert.deepEqual([String(only(text).slot), only(text).process], [slot, only(text).id])
      ]
    }
    const slotOf = () => {
      const process = rng.pick(all)
      return { process, slot: rng.below(processes.get(process).length) }
    }
    const reads = {
      result() {
        const target = slotOf()
        const { data } = processes.get(target.process)[target.slot]
        return [ao.result(target), ({ Output }) => assert.deepEqual(Output, answerTo(data).Output)]
      },
      results() {
        const process = rng.pick(all)
        return [
          ao.results({ process, limit: 2 }),
          ({ edges }) => {
            for (const { cursor, node } of edges)
              assert.deepEqual(node.Output, answerTo(processes.get(process)[cursor].data).Output)
          }
        ]
      },
      dryrun: (text) => [
        ao.dryrun({ process: rng.pick(all), tags: [{ name: 'Said', value: text }] }),
        ({ Output }) => assert.deepEqual(Output, answerTo(text).Output)
      ],
      state: (text) => [ao.state(rng.pick(all), { path: ['cache', text] }), (value) => assert.equal(value, text)],
      ask: (text) => [
        ao.request({ path: `/~test@1.0/now/cache/${text}`, signer: null }).then(readResponse),
        ({ body }) => assert.equal(body, text)
      ]
    }
    return { slotsByText, writes, reads }
  }
}

async function legacy(rng) {
  const { slotsByText, texts, serve } = legacyLedger()
  const process = 'Pj7nXOVq5y5gAYxqQFqGq3F1wZc5rZ8m0n4r8tB1aaA'
  const MU_URL = ['https://mu-a.test', 'https://mu-b.test']
  const options = { MU_URL, CU_URL: ['https://cu-a.test', 'https://cu-b.test'], ...shared }
  const ao = aoxide.connect({ ...options, fetch: faultyFetch(serve, MU_URL, [408, 500, 502, 504], rng) })
  const reliable = aoxide.connect({ ...options, fetch: async (url, init) => serve({ url, ...init }) })
  await reliable.message({ process, signer, data: 'the-first' })
  const ids = (text) => slotsByText.get(text)?.map(({ id }) => id)
  const writes = {
    message: (text, more) => [
      ao.message({ process, signer, data: text, ...more }),
      (id) => assert.deepEqual(ids(text), [id])
    ],
    send: (text, more) => [
      ao.send({ process, signer, data: text, ...more }),
      ({ id, Output }) => assert.deepEqual([ids(text), Output], [[id], answerTo(text).Output])
    ]
  }
  const reads = {
    result() {
      const [message, data] = rng.pick([...texts])
      return [ao.result({ process, message }), ({ Output }) => assert.deepEqual(Output, answerTo(data).Output)]
    },
    dryrun: (text) => [
      ao.dryrun({ process, data: text }),
      ({ Output }) => assert.deepEqual(Output, answerTo(text).Output)
    ]
  }
  return { slotsByText, writes, reads }
}

for (const [name, mode, count] of [
  ['mainnet mode, nodes of September 2025', mainnet('2025-09'), 3500],
  ['mainnet mode, nodes of November 2025', mainnet('2025-11'), 3500],
  ['legacy mode', legacy, 3000]
]) {
  test(`${count} calls over a failing network in ${name}: each resolves with the right value or rejects with an AoError`, async (t) => {
    const rng = random(20_261_121)
    const { slotsByText, writes, reads } = await mode(rng)
    const tally = {}
    const failed = []
    let next = 0
    const worker = async () => {
      while (next < count) {
        const text = `text-${next++}`
        const isWrite = rng.chance(0.2)
        const verbs = isWrite ? writes : reads
        const verb = rng.pick(Object.keys(verbs))
        let signed
        const onSigned = (id) => (signed = id)
        const [call, check] = verbs[verb](text, isWrite && { onSigned })
        let value
        try {
          value = await call
        } catch (error) {
          assertAoError(error)
          assert.ok(TYPED.includes(error.code), `${verb}, ${error.code}: ${error.message}`)
          if (isWrite) failed.push({ verb, text, signed, error })
          tally[error.code] = (tally[error.code] ?? 0) + 1
          continue
        }
        check(value)
        tally.good = (tally.good ?? 0) + 1
      }
    }
    const all = Promise.all(Array.from({ length: 100 }, worker))
    const limit = sleep(240_000, 'hangs', { ref: false })
    assert.notEqual(await Promise.race([all, limit]), 'hangs')
    t.diagnostic(JSON.stringify({ ...tally, failedWrites: failed.length }))
    // Most calls succeed through retries and other addresses.
    assert.ok(tally.good > count * 0.8, JSON.stringify(tally))
    for (const [text, slots] of slotsByText) assert.equal(slots.length, 1, `${text} has ${slots.length} slots`)
    let arrived = 0
    for (const { verb, text, signed, error } of failed) {
      const [slot] = slotsByText.get(text) ?? []
      const what = `${verb}: ${error.stack} ${JSON.stringify(error.details)}`
      if (slot) arrived++
      if (slot) assert.equal(signed, slot.id, what)
      if (ofCaller.has(error)) continue
      assert.equal(error.details.id, signed, what)
      if (slot) assert.match(error.message, MAY_HAVE_ARRIVED, what)
    }
    t.diagnostic(`${arrived} of ${failed.length} writes that failed had arrived`)
    assert.ok(arrived > 0)
  })
}
