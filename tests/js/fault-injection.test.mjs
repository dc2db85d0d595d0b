// Ten thousand calls through networks that fail at random. Every call ends in the right value or in a typed error, none hangs,
// and no message is evaluated twice. A write that fails names its id, and says that it may have arrived if it has.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { assertAoError } from './support/compare.mjs'
import { faulty } from './support/faulty-network.mjs'
import { answerTo, hyperbeam } from './support/hyperbeam-ledger.mjs'
import { jwk } from './support/key.mjs'
import { aoxide, subpath } from './support/package.mjs'
import { decode, idOf } from './support/peers.mjs'
import { random } from './support/random.mjs'

const { decodeReply } = await subpath('httpsig')

const signer = aoxide.createSigner(jwk)
const TYPED = ['HTTP_NETWORK', 'HTTP_STATUS', 'BAD_RESPONSE', 'TIMEOUT']

/** How an error says that what was sent may have arrived. */
const MAY_HAVE_ARRIVED =
  /may (have|still) arrive|may be scheduled|message was sent|does not show that it\s+arrived|may have its slot/

const PROCESSES = 8

/** What a legacy network keeps. Its scheduler refuses what it has. */
function legacyLedger() {
  const places = new Map()
  const said = new Map()
  const exists = () => Response.json({ error: 'Error: Error: 400: {"error":"MessageExists(\\"\\")"}' }, { status: 500 })
  function serve({ url, method, body }) {
    const { pathname } = new URL(url)
    if (pathname === '/' && method !== 'POST') return new Response('ao messenger unit')
    if (pathname === '/dry-run') return Response.json(answerTo(JSON.parse(body).Data))
    const [, asked] = /^\/result\/(.*)$/.exec(pathname) ?? []
    if (asked) return Response.json(answerTo(said.get(asked)))
    const [id, data] = [idOf(body), Buffer.from(decode(body).data, 'hex').toString()]
    if (said.has(id)) return exists()
    said.set(id, data)
    places.set(data, [...(places.get(data) ?? []), { id }])
    return Response.json({ message: 'Processing DataItem', id }, { status: 202 })
  }
  return { places, said, serve }
}

// Long, as for a machine that does much else.
const shared = { timeout: 20_000, retry: { attempts: 4, backoff: 2, longestWait: 10, tryTimeout: 150 } }

/** Errors of the caller's own look at a response: what that means is the caller's to judge. */
const ofCaller = new WeakSet()

function callersError(code, message) {
  const error = new aoxide.AoError(code, message)
  ofCaller.add(error)
  return error
}

/** The caller's own look at a response. */
async function heard(response) {
  try {
    const { message, problems } = await decodeReply(response)
    if (!response.ok) throw callersError('HTTP_STATUS', `${response.status}`)
    if (problems.length) throw callersError('BAD_RESPONSE', problems[0].code)
    // The response was lost, and the slot is from the schedule.
    if (message.body === undefined) return { slot: message.slot }
    return { slot: Number(response.headers.get('slot')), ...JSON.parse(message.body) }
  } catch (error) {
    if (error instanceof SyntaxError) throw callersError('BAD_RESPONSE', error.message)
    ofCaller.add(error)
    throw error
  }
}

/** Calls of each mode: what is asked, and what comes of it when all goes well. */
function mainnet(generation) {
  return async (dice) => {
    const network = hyperbeam(generation, dice)
    const { places, processes } = network
    const URL = ['a', 'b', 'c'].map((name) => `https://${name}.${generation}.test`)
    const options = { MODE: 'mainnet', URL, signer, ...shared }
    const fetch = faulty(network.serve, URL, [400, 404, 408, 500, 502, 504], dice)
    const ao = aoxide.connect({ ...options, fetch })
    // Something to ask for, made while the network is well.
    const well = aoxide.connect({ ...options, fetch: async (url, init) => network.serve({ url, ...init }) })
    const spawn = (ao, said, more) => {
      const tags = [{ name: 'execution-device', value: 'lua@5.3a' }]
      return ao.spawn({ scheduler: network.address, tags, data: said, ...more })
    }
    for (let at = 0; at < PROCESSES; at++) await spawn(well, `process-${at}`)
    const all = [...processes.keys()]
    const only = (said) => {
      assert.equal(places.get(said)?.length, 1)
      return places.get(said)[0]
    }
    /** A request that schedules something in either form, which the caller's own look is at. */
    const scheduling = (format) => (said, more) => {
      const process = dice.pick(all)
      const path = `/${process}~process@1.0/${dice.pick(['push', 'schedule'])}`
      const fields = { Action: 'Say', data: said, ...(format === 'ans104' && { Target: process }) }
      return [
        ao.request({ path, method: 'POST', 'signing-format': format, ...fields, ...more }).then(heard),
        ({ slot }) => assert.deepEqual([only(said).process, only(said).slot], [process, slot])
      ]
    }
    const writes = {
      message: (said, more) => [
        ao.message({ process: dice.pick(all), data: said, ...more }),
        (slot) => assert.equal(only(said).slot, slot)
      ],
      messageId: (said, more) => [
        ao.message({ process: dice.pick(all), data: said, returnMessageId: true, returnAssignmentSlot: true, ...more }),
        ({ id, slot }) => assert.deepEqual([only(said).id, only(said).slot], [id, slot])
      ],
      schedule: (said, more) => [
        ao.schedule(dice.pick(all), { data: said, ...more }),
        ({ id, slot }) => assert.deepEqual([only(said).id, only(said).slot], [id, slot])
      ],
      send: (said, more) => [
        ao.send({ process: dice.pick(all), data: said, ...more }),
        ({ id, slot, Output }) =>
          assert.deepEqual([only(said).id, only(said).slot, answerTo(said).Output], [id, slot, Output])
      ],
      spawn: (said, more) => [
        spawn(ao, said, more),
        (process) => assert.deepEqual(only(said), { process, slot: 0, id: process })
      ],
      requestItem: scheduling('ans104'),
      requestMessage: scheduling('httpsig'),
      requestSpawn: (said, more) => [
        ao.request({ path: '/push', method: 'POST', Type: 'Process', data: said, ...more }).then((response) => {
          if (!response.ok) throw callersError('HTTP_STATUS', `${response.status}`)
          if (!response.headers.has('slot')) throw callersError('BAD_RESPONSE', 'no slot')
          return response.headers.get('slot')
        }),
        (slot) => assert.deepEqual([String(only(said).slot), only(said).process], [slot, only(said).id])
      ]
    }
    const slotOf = () => {
      const process = dice.pick(all)
      return { process, slot: dice.below(processes.get(process).length) }
    }
    const reads = {
      result() {
        const asked = slotOf()
        const { data } = processes.get(asked.process)[asked.slot]
        return [ao.result(asked), ({ Output }) => assert.deepEqual(Output, answerTo(data).Output)]
      },
      results() {
        const process = dice.pick(all)
        return [
          ao.results({ process, limit: 2 }),
          ({ edges }) => {
            for (const { cursor, node } of edges)
              assert.deepEqual(node.Output, answerTo(processes.get(process)[cursor].data).Output)
          }
        ]
      },
      dryrun: (said) => [
        ao.dryrun({ process: dice.pick(all), tags: [{ name: 'Said', value: said }] }),
        ({ Output }) => assert.deepEqual(Output, answerTo(said).Output)
      ],
      state: (said) => [ao.state(dice.pick(all), { path: ['cache', said] }), (value) => assert.equal(value, said)],
      ask: (said) => [
        ao.request({ path: `/~test@1.0/now/cache/${said}`, signer: null }).then(heard),
        ({ body }) => assert.equal(body, said)
      ]
    }
    return { places, writes, reads }
  }
}

async function legacy(dice) {
  const { places, said: known, serve } = legacyLedger()
  const process = 'Pj7nXOVq5y5gAYxqQFqGq3F1wZc5rZ8m0n4r8tB1aaA'
  const MU_URL = ['https://mu-a.test', 'https://mu-b.test']
  const options = { MU_URL, CU_URL: ['https://cu-a.test', 'https://cu-b.test'], ...shared }
  const ao = aoxide.connect({ ...options, fetch: faulty(serve, MU_URL, [408, 500, 502, 504], dice) })
  const well = aoxide.connect({ ...options, fetch: async (url, init) => serve({ url, ...init }) })
  await well.message({ process, signer, data: 'the-first' })
  const ids = (said) => places.get(said)?.map(({ id }) => id)
  const writes = {
    message: (said, more) => [
      ao.message({ process, signer, data: said, ...more }),
      (id) => assert.deepEqual(ids(said), [id])
    ],
    send: (said, more) => [
      ao.send({ process, signer, data: said, ...more }),
      ({ id, Output }) => assert.deepEqual([ids(said), Output], [[id], answerTo(said).Output])
    ]
  }
  const reads = {
    result() {
      const [message, data] = dice.pick([...known])
      return [ao.result({ process, message }), ({ Output }) => assert.deepEqual(Output, answerTo(data).Output)]
    },
    dryrun: (said) => [
      ao.dryrun({ process, data: said }),
      ({ Output }) => assert.deepEqual(Output, answerTo(said).Output)
    ]
  }
  return { places, writes, reads }
}

for (const [name, mode, count] of [
  ['mainnet mode, nodes of September 2025', mainnet('2025-09'), 3500],
  ['mainnet mode, nodes of November 2025', mainnet('2025-11'), 3500],
  ['legacy mode', legacy, 3000]
]) {
  test(`${count} calls over a failing network in ${name}: each resolves correctly or rejects with a code`, async (t) => {
    const dice = random(20_261_121)
    const { places, writes, reads } = await mode(dice)
    const tally = {}
    const failed = []
    let next = 0
    const worker = async () => {
      while (next < count) {
        const said = `said-${next++}`
        const isWrite = dice.chance(0.2)
        const verbs = isWrite ? writes : reads
        const verb = dice.pick(Object.keys(verbs))
        let signed
        const onSigned = (id) => (signed = id)
        const [call, check] = verbs[verb](said, isWrite && { onSigned })
        let value
        try {
          value = await call
        } catch (error) {
          assertAoError(error)
          assert.ok(TYPED.includes(error.code), `${verb}, ${error.code}: ${error.message}`)
          if (isWrite) failed.push({ verb, said, signed, error })
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
    // Retries and other addresses do their part.
    assert.ok(tally.good > count * 0.8, JSON.stringify(tally))
    for (const [said, each] of places) assert.equal(each.length, 1, `${said} is there ${each.length} times`)
    let arrived = 0
    for (const { verb, said, signed, error } of failed) {
      const [place] = places.get(said) ?? []
      const what = `${verb}: ${error.stack} ${JSON.stringify(error.details)}`
      if (place) arrived++
      if (place) assert.equal(signed, place.id, what)
      if (ofCaller.has(error)) continue
      assert.equal(error.details.id, signed, what)
      if (place) assert.match(error.message, MAY_HAVE_ARRIVED, what)
    }
    t.diagnostic(`${arrived} of ${failed.length} writes that failed had arrived`)
    assert.ok(arrived > 0)
  })
}
