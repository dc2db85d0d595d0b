// Ten thousand calls through networks that drop, delay and truncate at random, and repeat what may be repeated. Every call
// ends in the right value or in a typed error, none hangs, and no message is ever there twice.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { assertAoError } from './support/compare.mjs'
import { jwk } from './support/key.mjs'
import { digestOf, idOfMessage, verifiesMessage } from './support/messages.mjs'
import { aoxide, subpath } from './support/package.mjs'
import { decode, idOf } from './support/peers.mjs'
import { random } from './support/random.mjs'

const { decodeReply } = await subpath('httpsig')

const process = 'Pj7nXOVq5y5gAYxqQFqGq3F1wZc5rZ8m0n4r8tB1aaA'
const signer = aoxide.createSigner(jwk)
const TYPED = ['HTTP_NETWORK', 'HTTP_STATUS', 'BAD_RESPONSE', 'TIMEOUT']

const answerTo = (data) => ({ Output: { data: `answer to ${data}` }, Messages: [], Spawns: [], Assignments: [] })

/** What a network keeps: a slot for each item and each message that comes, as often as it comes. */
function ledger() {
  const slots = new Map()
  const ids = []
  const data = []
  const idsOf = new Map()
  return {
    idsOf,
    ids,
    data,
    accept(raw) {
      return this.keep(idOf(raw), () => Buffer.from(decode(raw).data, 'hex').toString())
    },
    /** A message in HTTP's own form. */
    acceptMessage({ headers, body }) {
      return this.keep(idOfMessage(headers), () => {
        assert.ok(verifiesMessage(headers, body))
        return Buffer.from(body).toString()
      })
    },
    keep(id, read) {
      const said = read()
      slots.set(id, data.length)
      ids.push(id)
      data.push(said)
      idsOf.set(said, [...(idsOf.get(said) ?? []), id])
      return { id, slot: slots.get(id) }
    },
    slotOf: (id) => slots.get(id)
  }
}

/** The schedule as HyperBEAM nodes bundle it. */
function assignments({ ids }, query) {
  const all = {}
  for (let slot = Number(query.get('from')); slot <= Number(query.get('to')); slot++) {
    const commitments = { [ids[slot]]: { type: 'rsa-pss-sha256' }, hmac: { type: 'hmac-sha256' } }
    // Long ago, so that looks are short.
    all[slot] = { process, timestamp: ids.length - slot < 400 ? Date.now() : 0, body: { commitments } }
  }
  return { assignments: all }
}

/** A HyperBEAM node over the ledger. It answers in either of the shapes that nodes have. */
function node(kept, { chance }) {
  const shaped = (result) => (chance(0.5) ? { raw: result } : { json: { body: JSON.stringify(result) } })
  return ({ url, body, ...request }) => {
    const { pathname, searchParams } = new URL(url)
    if (request.method === 'GET' && pathname.endsWith('/schedule')) return assignments(kept, searchParams)
    if (pathname.endsWith('/slot')) return { current: kept.data.length - 1, process }
    if (request.headers?.signature) return kept.acceptMessage({ body, ...request })
    if (/\/(push|schedule)$/.test(pathname)) {
      const { slot } = kept.accept(body)
      return { slot, ...shaped(answerTo(kept.data[slot])) }
    }
    const [, slot] = /results=(\d+)$/.exec(pathname) ?? []
    if (slot !== undefined) return shaped(answerTo(kept.data[slot]))
    if (pathname.includes('/as=execution/')) {
      const [, said] = /&Said=([\w-]+)$/.exec(pathname)
      return { results: shaped(answerTo(said)), slot: 5 }
    }
    if (pathname.includes('/now/')) return { body: pathname.split('/').at(-1), 'ao-types': '' }
    assert.match(pathname, /slot\/current$/)
    return kept.data.length - 1
  }
}

/** A messenger and a compute unit over the ledger. */
function units(kept) {
  return ({ url, body }) => {
    const { pathname } = new URL(url)
    if (pathname === '/') {
      const exists = '400: {"error":"MessageExists(\\"Message already exists\\")"}'
      return kept.slotOf(idOf(body)) === undefined ? { id: kept.accept(body).id } : { error: `Error: ${exists}` }
    }
    if (pathname === '/dry-run') return answerTo(JSON.parse(body).Data)
    const [, id] = /^\/result\/(.*)$/.exec(pathname)
    return answerTo(kept.data[kept.slotOf(id)])
  }
}

/** A `fetch` that may lose the request or the answer, keep it for ever, cut it off, or deliver the request twice. */
function troubled(serve, { below, chance }) {
  const lost = () => {
    throw new TypeError('fetch failed', { cause: new Error('other side closed') })
  }
  return async (url, { signal, ...init }) => {
    const request = { url, ...init }
    await sleep(below(3))
    // What was ended before it arrived never does.
    signal?.throwIfAborted()
    if (chance(0.05)) lost()
    if (chance(0.02)) {
      await new Promise((_, reject) =>
        signal?.addEventListener('abort', () => reject(new DOMException('', 'AbortError')))
      )
    }
    if (chance(0.05)) {
      const headers = chance(0.5) ? { 'retry-after': '0' } : {}
      return new Response('<html>busy</html>', { status: [429, 500, 502, 503][below(4)], headers })
    }
    const said = serve(request)
    const answer = JSON.stringify(said)
    // No network repeats a `POST` to a node.
    if (!(request.method === 'POST' && url.includes('~process@1.0')) && chance(0.05)) serve(request)
    await sleep(below(3))
    // The node has it, and nobody hears of that.
    if (chance(0.05)) lost()
    if (said.error) return new Response(answer, { status: 500 })
    const headers = { 'content-digest': digestOf(answer) }
    if (chance(0.03)) return new Response(answer.slice(0, below(answer.length)), { headers })
    if (chance(0.02)) {
      const broken = new ReadableStream({
        start(controller) {
          controller.enqueue(new TextEncoder().encode(answer.slice(0, 3)))
          controller.error(new TypeError('terminated'))
        }
      })
      return new Response(broken, { headers })
    }
    return new Response(answer, { headers })
  }
}

// Long, as for a machine that does much else.
const shared = { timeout: 10_000, retry: { attempts: 4, backoff: 2, longestWait: 10, tryTimeout: 50 } }

/** What a node said to a request. An error status, and a reply that is not whole, are told by the caller's own looking. */
async function heard(response) {
  const { message, problems } = await decodeReply(response)
  if (!response.ok) throw new aoxide.AoError('HTTP_STATUS', `${response.status}`)
  if (problems.length) throw new aoxide.AoError('BAD_RESPONSE', problems[0].code)
  // The answer was lost, and the slot is from the schedule.
  if (message.body === undefined) return { slot: message.slot }
  return JSON.parse(message.body)
}

/** Calls of each mode: what is asked, and what comes of it when all goes well. */
const modes = {
  mainnet(dice) {
    const kept = ledger()
    const fetch = troubled(node(kept, dice), dice)
    const ao = aoxide.connect({ MODE: 'mainnet', URL: ['https://a.test', 'https://b.test'], signer, fetch, ...shared })
    const calls = {
      message: (said) => [ao.message({ process, data: said }), (slot) => assert.equal(kept.data[slot], said)],
      schedule: (said) => [
        ao.schedule(process, { data: said }),
        ({ id, slot }) => assert.deepEqual([kept.data[slot], kept.idsOf.get(said)], [said, [id]])
      ],
      send: (said) => [
        ao.send({ process, data: said }),
        ({ id, slot, Output }) =>
          assert.deepEqual([kept.data[slot], kept.idsOf.get(said), Output], [said, [id], answerTo(said).Output])
      ],
      request: (said) => [
        ao.request({ path: `/${process}~process@1.0/schedule`, Action: 'Say', data: said }).then(heard),
        ({ slot }) => assert.deepEqual([kept.data[slot], kept.idsOf.get(said)], [said, [kept.ids[slot]]])
      ],
      ask: (said) => [
        ao.request({ path: `/~test@1.0/now/cache/${said}`, signer: null }).then(heard),
        ({ body }) => assert.equal(body, said)
      ],
      result: (_, { below }) => {
        const slot = below(kept.data.length)
        return [
          ao.result({ process, slot }),
          ({ Output }) => assert.deepEqual(Output, answerTo(kept.data[slot]).Output)
        ]
      },
      results: () => [
        ao.results({ process, limit: 2 }),
        ({ edges }) => {
          for (const { cursor, node } of edges) assert.deepEqual(node.Output, answerTo(kept.data[cursor]).Output)
        }
      ],
      dryrun: (said) => [
        ao.dryrun({ process, tags: [{ name: 'Said', value: said }] }),
        ({ Output }) => assert.deepEqual(Output, answerTo(said).Output)
      ],
      state: (said) => [ao.state(process, { path: ['cache', said] }), (value) => assert.equal(value, said)]
    }
    return { kept, calls, writes: ['message', 'schedule', 'send', 'request'] }
  },
  legacy(dice) {
    const kept = ledger()
    const fetch = troubled(units(kept), dice)
    const MU_URL = ['https://mu-a.test', 'https://mu-b.test']
    const ao = aoxide.connect({ MU_URL, CU_URL: ['https://cu-a.test', 'https://cu-b.test'], fetch, ...shared })
    const calls = {
      message: (said) => [
        ao.message({ process, signer, data: said }),
        (id) => assert.deepEqual(kept.idsOf.get(said), [id])
      ],
      send: (said) => [
        ao.send({ process, signer, data: said }),
        ({ id, Output }) => assert.deepEqual([kept.idsOf.get(said), Output], [[id], answerTo(said).Output])
      ],
      result: (_, { below }) => {
        const said = kept.data[below(kept.data.length)]
        const [message] = kept.idsOf.get(said)
        return [ao.result({ process, message }), ({ Output }) => assert.deepEqual(Output, answerTo(said).Output)]
      },
      dryrun: (said) => [
        ao.dryrun({ process, data: said }),
        ({ Output }) => assert.deepEqual(Output, answerTo(said).Output)
      ]
    }
    return { kept, calls, writes: ['message', 'send'] }
  }
}

for (const [mode, count] of Object.entries({ mainnet: 7000, legacy: 3000 })) {
  test(`${count} calls in ${mode} mode`, async (t) => {
    const dice = random(20_261_121)
    const { kept, calls, writes } = modes[mode](dice)
    const reads = Object.keys(calls).filter((name) => !writes.includes(name))
    // Something to ask for.
    kept.accept(await (await aoxide.connect().signMessage({ process, signer, data: 'the-first' })).raw)
    const tally = {}
    const asked = new Map()
    let next = 0
    const worker = async () => {
      while (next < count) {
        const serial = next++
        const said = `said-${serial}`
        const name = dice.pick(dice.chance(0.15) ? writes : reads)
        const [call, check] = calls[name](said, dice)
        const outcome = await call.then(check).then(
          () => 'good',
          (error) => {
            assertAoError(error)
            assert.ok(TYPED.includes(error.code), `${error.code}: ${error.message}`)
            if (writes.includes(name) && error.details.id) asked.set(said, error.details.id)
            return error.code
          }
        )
        tally[outcome] = (tally[outcome] ?? 0) + 1
      }
    }
    const all = Promise.all(Array.from({ length: 250 }, worker))
    const limit = sleep(240_000, 'hangs', { ref: false })
    assert.notEqual(await Promise.race([all, limit]), 'hangs')
    t.diagnostic(JSON.stringify(tally))
    assert.equal(
      Object.values(tally).reduce((sum, number) => sum + number),
      count
    )
    // Retries and other addresses do their part.
    assert.ok(tally.good > count * 0.8, JSON.stringify(tally))
    for (const [said, ids] of kept.idsOf) assert.equal(ids.length, 1, `${said} is there ${ids.length} times`)
    // What failed after it was signed names the id under which it may have arrived.
    for (const [said, id] of asked) if (kept.idsOf.has(said)) assert.deepEqual(kept.idsOf.get(said), [id])
    assert.ok(asked.size > 0)
  })
}
