// A message gets at most one slot, whichever way its request fails. Uses real connections to units that fail as scripted.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { assertAoError } from './support/compare.mjs'
import { jwk } from './support/key.mjs'
import { aoxide, subpath } from './support/package.mjs'
import { Schedule, startUnit } from './support/failing-units.mjs'

const { decodeReply } = await subpath('httpsig')

const process = 'Pj7nXOVq5y5gAYxqQFqGq3F1wZc5rZ8m0n4r8tB1aaA'
const signer = aoxide.createSigner(jwk)
const retry = { attempts: 4, backoff: 2, tryTimeout: 400 }

/** Failures after which the message may have arrived. */
const OPEN = [408, 500, 502, 503, 504, 'lost', 'silent']

/** Starts units that fail this way, runs the test, and stops them. */
async function withUnits(all, run) {
  const schedule = new Schedule()
  const units = await Promise.all(all.map((unit) => startUnit(schedule, unit)))
  try {
    return await run({ schedule, units, urls: units.map(({ url }) => url) })
  } finally {
    await Promise.all(units.map(({ stop }) => stop()))
  }
}

const mainnet = (URL, options) =>
  aoxide.connect({ MODE: 'mainnet', URL, signer, dialect: 'current', retry, ...options })
/** The requests that look for a message in the schedule: its newest slot, then its entries. */
const scheduleReads = ['read', 'read']

/** An address without a server. */
async function nowhere() {
  const unit = await startUnit(new Schedule())
  await unit.stop()
  return unit.url
}

async function rejects(call) {
  let thrown
  await assert.rejects(call, (error) => {
    assertAoError(error)
    thrown = error
    return true
  })
  assert.match(thrown.details.id, /^[\w-]{43}$/)
  return thrown
}

describe('in mainnet mode', () => {
  for (const end of OPEN) {
    test(`${end} after the node gave a slot: the call resolves with the slot`, () =>
      withUnits([{ writes: [{ accepted: true, end }] }], async ({ schedule, units: [unit], urls }) => {
        const sent = await mainnet(urls).message({
          process,
          data: 'd',
          returnMessageId: true,
          returnAssignmentSlot: true
        })
        assert.deepEqual([sent.slot, schedule.times(sent.id)], [3, 1])
        assert.deepEqual(unit.seen, ['post', ...scheduleReads])
      }))

    test(`${end} before the node gave a slot: the message is sent again`, () =>
      withUnits([{ writes: [{ accepted: false, end }] }], async ({ schedule, units: [unit], urls }) => {
        const { id, slot } = await mainnet(urls).schedule(process, { data: 'd' })
        assert.deepEqual([slot, schedule.times(id)], [3, 1])
        assert.deepEqual(unit.seen, ['post', ...scheduleReads, 'post'])
      }))

    test(`${end} and an unreadable schedule: the call rejects with the id of the message`, () => {
      const broken = Array.from({ length: 9 }, () => ({ end: 500 }))
      return withUnits(
        [{ writes: [{ accepted: true, end }], reads: broken }, {}],
        async ({ schedule, units, urls }) => {
          const error = await rejects(mainnet(urls).message({ process, data: 'd' }))
          assert.match(error.message, /may have arrived/)
          assert.equal(schedule.times(error.details.id), 1)
          assert.deepEqual([units[0].seen.filter((what) => what === 'post').length, units[1].seen.length], [1, 0])
        }
      )
    })

    test(`${end} at one of two nodes: the other gets the message only if it has no slot`, async () => {
      for (const accepted of [true, false])
        await withUnits([{ writes: [{ accepted, end }] }, {}], async ({ schedule, units, urls }) => {
          const id = await mainnet(urls, { retry: { backoff: 2, tryTimeout: 400 } }).message({
            process,
            data: 'd',
            returnMessageId: true
          })
          assert.equal(schedule.times(id), 1)
          assert.deepEqual(units[0].seen, ['post', ...scheduleReads])
          assert.deepEqual(units[1].seen, accepted ? [] : ['post'])
        })
    })

    test(`${end} with one attempt: one request`, () =>
      withUnits([{ writes: [{ accepted: true, end }] }], async ({ schedule, units: [unit], urls }) => {
        const error = await rejects(mainnet(urls, { retry: { tryTimeout: 400 } }).message({ process, data: 'd' }))
        assert.match(error.message, /may have arrived/)
        assert.deepEqual([unit.seen, schedule.times(error.details.id)], [['post'], 1])
      }))
  }

  for (const end of [425, 429])
    test(`${end}: the message is sent again without a request for the schedule`, () => {
      const writes = [1, 2].map(() => ({ accepted: false, end }))
      return withUnits([{ writes }], async ({ schedule, units: [unit], urls }) => {
        const { id } = await mainnet(urls).schedule(process, { data: 'd' })
        assert.deepEqual([unit.seen, schedule.times(id)], [['post', 'post', 'post'], 1])
      })
    })

  test('a refused connection: the next node gets the message without a request for the schedule', () =>
    withUnits([{}], async ({ schedule, units: [unit], urls }) => {
      const places = [await nowhere(), ...urls]
      const { id } = await mainnet(places, { retry: 1 }).schedule(process, { data: 'd' })
      assert.deepEqual([unit.seen, schedule.times(id)], [['post'], 1])
      const error = await rejects(mainnet([await nowhere()]).message({ process, data: 'd' }))
      assert.equal(error.code, 'HTTP_NETWORK')
      assert.doesNotMatch(error.message, /may have arrived/)
    }))

  test('an unknown host: the error says that nothing was sent', async () => {
    const error = await rejects(mainnet('http://nothing.invalid', { retry: 1 }).message({ process, data: 'd' }))
    assert.doesNotMatch(error.message, /may have arrived/)
  })

  test('a failure without details: the error says that the message may have arrived', async () => {
    const fetch = async () => {
      throw new TypeError('Failed to fetch')
    }
    const error = await rejects(mainnet('http://node.test', { fetch, retry: 1 }).message({ process, data: 'd' }))
    assert.match(error.message, /may have arrived/)
  })

  test('reads of the schedule bypass caches', () =>
    withUnits([{ writes: [{ accepted: true, end: 'lost' }] }], async ({ schedule, urls }) => {
      const caches = []
      const fetch = (url, init) => {
        caches.push(init.cache)
        return globalThis.fetch(url, init)
      }
      const { id } = await mainnet(urls, { fetch }).schedule(process, { data: 'd' })
      assert.deepEqual([caches, schedule.times(id)], [[undefined, 'no-store', 'no-store'], 1])
    }))

  test('a lost result is read by its slot', () =>
    withUnits([{ writes: [{ accepted: true, end: 'lost' }] }], async ({ schedule, units: [unit], urls }) => {
      const sent = await mainnet(urls).message({ process, data: 'd', opts: { fullResponse: true } })
      assert.deepEqual([sent.Output, schedule.times(sent.id)], [{ data: 'of 3' }, 1])
      assert.deepEqual(unit.seen, ['post', ...scheduleReads, 'read'])
    }))

  test('request: a message that is scheduled returns its slot', async () => {
    const path = `/${process}~process@1.0/schedule`
    for (const format of ['httpsig', 'ans104'])
      for (const end of OPEN) {
        await withUnits([{ writes: [{ accepted: true, end }] }], async ({ schedule, units: [unit], urls }) => {
          let id
          const asked = {
            path,
            method: 'POST',
            'signing-format': format,
            data: 'd',
            onSigned: (signed) => (id = signed)
          }
          const response = await mainnet(urls).request(asked)
          assert.deepEqual([response.status, response.headers.get('slot')], [200, '3'])
          const { message, problems } = await decodeReply(response)
          assert.deepEqual([message.slot, problems], [3, []])
          assert.deepEqual([unit.seen, schedule.times(id)], [['post', ...scheduleReads], 1])
        })
        await withUnits([{ writes: [{ accepted: false, end }] }], async ({ schedule, units: [unit], urls }) => {
          const response = await mainnet(urls).request({ path, method: 'POST', 'signing-format': format, data: 'd' })
          const { slot, id } = await response.json()
          assert.deepEqual([slot, schedule.times(id)], [3, 1])
          assert.deepEqual(unit.seen, ['post', ...scheduleReads, 'post'])
        })
      }
  })

  test('request: a message that cannot be found in a schedule is sent once', async () => {
    for (const end of OPEN)
      await withUnits([{ writes: [{ accepted: true, end }] }], async ({ units: [unit], urls }) => {
        const call = mainnet(urls).request({ path: '/~relay@1.0/call', method: 'POST', data: 'd' })
        if (typeof end === 'number') assert.equal((await call).status, end)
        else assert.match((await rejects(call)).message, /may have arrived/)
        assert.deepEqual(unit.seen, ['post'])
      })
  })
})

describe('in legacy mode', () => {
  const legacy = (MU_URL, options) => aoxide.connect({ MU_URL, retry, ...options })

  for (const end of OPEN)
    test(`${end}: an item that the scheduler has already counts as sent`, async () => {
      for (const accepted of [true, false]) {
        await withUnits([{ writes: [{ accepted, end }] }], async ({ schedule, units: [unit], urls }) => {
          const id = await legacy(urls).message({ process, signer, data: 'd' })
          assert.deepEqual([unit.seen, schedule.times(id)], [['post', 'post'], 1])
        })
        await withUnits([{ writes: [{ accepted, end }] }, {}], async ({ schedule, units, urls }) => {
          const id = await legacy(urls, { retry: { tryTimeout: 400 } }).message({ process, signer, data: 'd' })
          assert.deepEqual([units[0].seen, units[1].seen, schedule.times(id)], [['post'], ['post'], 1])
        })
      }
    })

  for (const end of OPEN)
    test(`${end} after an assignment: it is not repeated, because it would take a second slot`, () =>
      withUnits([{ writes: [{ accepted: true, end }] }, {}], async ({ schedule, units, urls }) => {
        await assert.rejects(legacy(urls).assign({ process, message: process }), (error) => {
          assertAoError(error)
          assert.match(error.message, /^Error while communicating with MU: .* The assignment may have arrived/)
          return true
        })
        assert.deepEqual([units[0].seen, units[1].seen, schedule.times(process)], [['post'], [], 1])
      }))

  for (const end of [425, 429])
    test(`${end} in reply to an assignment: it is sent again`, () =>
      withUnits([{ writes: [{ accepted: false, end }] }], async ({ schedule, units: [unit], urls }) => {
        assert.equal(await legacy(urls).assign({ process, message: process }), process)
        assert.deepEqual([unit.seen, schedule.times(process)], [['post', 'post'], 1])
      }))

  test('a signed item that the network has already counts as sent', () =>
    withUnits([{}], async ({ schedule, urls }) => {
      const ao = legacy(urls)
      const signed = await ao.signMessage({ process, signer, data: 'd' })
      for (let time = 0; time < 2; time++) assert.equal(await ao.sendSignedMessage(signed), signed.id)
      assert.equal(schedule.times(signed.id), 1)
    }))

  test('a single failed attempt rejects with the id of the message, which may have arrived', () =>
    withUnits([{ writes: [{ accepted: true, end: 'lost' }] }], async ({ schedule, urls }) => {
      const error = await rejects(legacy(urls, { retry: 1 }).message({ process, signer, data: 'd' }))
      assert.match(error.message, /^Error while communicating with MU: .* may have arrived/)
      assert.equal(schedule.times(error.details.id), 1)
    }))
})
