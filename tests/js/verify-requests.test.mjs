// What a view requests, and from where: several addresses, retries, limits, and the slot for which a unit is asked.
import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import { after, before, beforeEach, describe, test } from 'node:test'
import { checkpoint, forger } from './support/forged.mjs'
import { jwk } from './support/key.mjs'
import { aoxide, subpath } from './support/package.mjs'
import { index } from './support/recorded-legacy.mjs'
import { moduleBytes, pinnedModule, recordedSources, resultOf } from './support/recorded-units.mjs'

const { follow } = await subpath('verify')
const { createLocalNetwork } = await subpath('local')
const { alice, bob } = index.processes

/** A server that gives every request the same status. */
async function failing(status) {
  const paths = []
  const server = createServer((request, response) => {
    paths.push(request.url)
    response.writeHead(status).end('no')
  })
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    paths,
    stop() {
      server.closeAllConnections()
      return new Promise((resolve) => server.close(resolve))
    }
  }
}

let units
let broken
let gone
before(async () => {
  units = await recordedSources()
  broken = await failing(503)
  const other = await failing(503)
  await other.stop()
  gone = other.url
})
after(async () => {
  await broken.stop()
  await units.stop()
})
beforeEach(() => {
  units.honest()
  units.items.clear()
  units.hold = undefined
  broken.paths.splice(0)
})

describe('several addresses', () => {
  test('follow goes on to the next scheduler, gateway and compute unit', async () => {
    const { SU_URL, CU_URL, GATEWAY_URL } = units.urls
    const view = await follow(bob, {
      source: {
        scheduler: [`${broken.url}/su`, SU_URL],
        gateway: [gone, `${broken.url}/`, GATEWAY_URL],
        unit: [gone, CU_URL]
      },
      retry: 1,
      ...pinnedModule
    })
    const proof = await view.advance()
    assert.deepEqual([proof.verified, proof.slot], [true, 8])
    assert.match(proof.unit, /^(agrees|other-order)$/)
    await view.close()
    for (const part of ['/su/', '/graphql', '/raw/'])
      assert.equal(broken.paths.filter((path) => path.startsWith(part)).length > 0, true, `${part}: ${broken.paths}`)
  })

  test('a client passes its lists, its retries and its limit on to its views', async () => {
    const { SU_URL, GATEWAY_URL } = units.urls
    const options = { SU_URL: [gone, SU_URL], CU_URL: gone, GATEWAY_URL: [broken.url, GATEWAY_URL], retry: 1 }
    const ao = aoxide.connect(options)
    const view = await ao.follow(bob, pinnedModule)
    const { proof } = await ao.dryrun({ process: bob, data: 'return 1', verify: true })
    assert.deepEqual([proof.verified, proof.slot, proof.unit], [true, 8, 'no-answer'])
    await view.close()
    const limited = aoxide.connect({ ...options, responseLimit: 1000 })
    await assert.rejects(limited.follow(bob, pinnedModule), { code: 'BAD_RESPONSE' })
  })

  test('an address that is none is BAD_ARGUMENT', async () => {
    for (const scheduler of [undefined, '', [], ['', 'x'], [7], {}])
      await assert.rejects(follow(bob, { source: { ...units.source, scheduler } }), { code: 'BAD_ARGUMENT' })
  })
})

describe('retries', () => {
  for (const [retry, count] of [
    [undefined, 3],
    [1, 1],
    [{ attempts: 2, backoff: 1 }, 2],
    [{ statuses: [500] }, 1]
  ])
    test(`retry: ${JSON.stringify(retry)} sends a request that fails ${count} times`, async () => {
      const call = follow(bob, { source: { scheduler: broken.url, gateway: broken.url }, retry, ...pinnedModule })
      await assert.rejects(call, ({ code, details }) => code === 'HTTP_STATUS' && details.status === 503)
      assert.equal(broken.paths.length, count)
    })

  test('the data of a gateway is requested again, too', async () => {
    let failures = 2
    units.lies.item = (bytes, id) => (id === index.module && failures-- > 0 ? undefined : bytes)
    const { module, trust } = pinnedModule
    const retry = { backoff: 1, statuses: [404] }
    const view = await follow(bob, { source: units.source, trust, retry })
    assert.equal((await view.advance()).slot, 8)
    assert.equal(failures, -1)
    await view.close()
    failures = 3
    await assert.rejects(follow(bob, { source: units.source, trust, retry }), { code: 'HTTP_STATUS' })
    assert.equal(module.length, moduleBytes.length)
  })

  test('values that are no numbers are BAD_ARGUMENT', async () => {
    for (const options of [{ retry: 'often' }, { retry: { backoff: -1 } }, { responseLimit: '1' }])
      await assert.rejects(follow(bob, { source: units.source, ...options }), { code: 'BAD_ARGUMENT' })
  })
})

test('bob: the whole schedule has the recorded results, also of the transaction that slot 8 assigns', async () => {
  const view = await follow(bob, { source: { ...units.source, unit: units.urls.CU_URL }, ...pinnedModule })
  const reports = new Map()
  for await (const report of view.slots()) reports.set(report.slot, report)
  assert.equal(reports.size, 9)
  const { outcome, result, checks } = reports.get(8)
  const recorded = JSON.parse(resultOf('bob', 8))
  // Lua seeds the order of its tables with the time at which the unit started.
  const sorted = ({ Messages, ...rest }) => ({
    ...rest,
    Messages: Messages.map(({ Tags, ...message }) => ({
      ...message,
      Tags: Tags.toSorted((one, other) => (one.name < other.name ? -1 : 1))
    }))
  })
  const { GasUsed, ...expected } = sorted(recorded)
  const { GasUsed: _, ...computed } = sorted(result)
  assert.deepEqual(computed, expected)
  assert.equal(GasUsed, 0)
  assert.deepEqual([outcome, checks.includes('gateway')], ['ok', true])
  const { proof } = await view.result(8)
  assert.deepEqual([proof.verified, proof.slot], [true, 8])
  assert.match(proof.unit, /^(agrees|other-order)$/)
  await view.close()
})

test('trust.checkpointAge refuses a checkpoint that is older', async () => {
  const memory = await (async () => {
    const network = await createLocalNetwork({ modules: { [index.module]: new Uint8Array(moduleBytes) } })
    const ao = aoxide.connect({ MODE: 'local', network })
    const process = await ao.spawn({ module: index.module, signer: aoxide.createSigner(jwk) })
    const response = await network.fetch(`${network.units.CU_URL}/state/${process}`)
    const bytes = new Uint8Array(await response.arrayBuffer())
    await network.close()
    return bytes
  })()
  const { id, raw } = await checkpoint('alice', 8, memory)
  units.items.set(id, new Uint8Array(raw))
  const open = (checkpointAge) =>
    follow(alice, {
      source: units.source,
      module: pinnedModule.module,
      trust: { ...pinnedModule.trust, checkpoints: [forger], checkpointAge }
    })
  await assert.rejects(open(1), ({ code, details }) => code === 'CHECKPOINT_TOO_OLD' && details.slot === 8)
  const outcome = await open(1e15).then(
    (view) => view.close().then(() => 'opened'),
    ({ code }) => code
  )
  assert.notEqual(outcome, 'CHECKPOINT_TOO_OLD')
})

describe('a unit that is further on than the view', () => {
  let network
  let ao
  let process
  const signer = aoxide.createSigner(jwk)
  const tags = [{ name: 'Action', value: 'Eval' }]
  const requests = []
  let lie = (text) => text
  const fetch = async (url, init) => {
    const isDryrun = String(url).includes('/dry-run')
    if (isDryrun) requests.push([String(url), JSON.parse(init.body)])
    const response = await network.fetch(url, init)
    return isDryrun ? new Response(lie(await response.text()), response) : response
  }
  const evaluate = (data) => ao.send({ process, signer, data, tags })
  let view
  let message

  before(async () => {
    network = await createLocalNetwork({ modules: { [index.module]: new Uint8Array(moduleBytes) } })
    ao = aoxide.connect({ MODE: 'local', network })
    process = await ao.spawn({ module: index.module, signer })
    message = { data: 'return Count', tags, from: await aoxide.jwkToAddress(jwk) }
    await evaluate('Count = 1')
    const { SU_URL, CU_URL, GATEWAY_URL } = network.units
    const source = { scheduler: SU_URL, gateway: GATEWAY_URL, unit: CU_URL }
    view = await follow(process, { source, fetch, worker: false, ...pinnedModule })
    await view.advance()
  })
  after(async () => {
    await view?.close()
    await network.close()
  })
  beforeEach(() => {
    requests.splice(0)
    lie = (text) => text
  })

  test('is asked for the slot of the view, and agrees', async () => {
    await evaluate('Count = 2')
    const { Output, proof } = await view.dryrun(message, { unit: true })
    assert.equal(Output.data, '1')
    assert.deepEqual([proof.slot, /^(agrees|other-order)$/.test(proof.unit)], [1, true], proof.unit)
    const [[url, body]] = requests
    assert.equal(new URL(url).searchParams.get('to'), proof.assignment)
    // Units keep answers by the body.
    assert.ok(body.Tags.some(({ name, value }) => name === 'At-Assignment' && value === proof.assignment))
  })

  test('is a MISMATCH where it answers with its own head, or with another lie', async () => {
    for (const other of ['2', '7']) {
      lie = (text) => text.replace('"data":"1"', `"data":"${other}"`)
      await assert.rejects(view.dryrun(message, { unit: true }), ({ code, details }) => {
        assert.deepEqual([code, details.slot, details.member], ['MISMATCH', 1, 'Output'])
        return true
      })
    }
  })

  test('agrees again after the view has advanced, with another body', async () => {
    await view.dryrun(message, { unit: true })
    await view.advance()
    const { Output, proof } = await view.dryrun(message, { unit: true })
    assert.deepEqual([Output.data, proof.slot], ['2', 2])
    assert.match(proof.unit, /^(agrees|other-order)$/)
    const [[, first], [, second]] = requests
    assert.notDeepEqual(first, second)
  })
})

describe('trust.state', () => {
  let network
  let ao
  let process
  const signer = aoxide.createSigner(jwk)
  const tags = [{ name: 'Action', value: 'Eval' }]
  const asked = []
  let answer
  const evaluate = (data) => ao.send({ process, signer, data, tags })

  const fetch = async (url, init) => {
    if (!new URL(url).pathname.includes('/state/')) return network.fetch(url, init)
    if (answer) return answer()
    const response = await network.fetch(url, init)
    asked.push(Number(response.headers.get('last-ordinate')))
    return response
  }

  const open = (options = {}) => {
    const { SU_URL, CU_URL, GATEWAY_URL } = network.units
    const { source, trust, ...rest } = options
    return follow(process, {
      source: { scheduler: SU_URL, gateway: GATEWAY_URL, unit: CU_URL, ...source },
      fetch,
      module: pinnedModule.module,
      trust: { ...pinnedModule.trust, state: true, ...trust },
      ...rest
    })
  }

  before(async () => {
    network = await createLocalNetwork({ modules: { [index.module]: new Uint8Array(moduleBytes) } })
    ao = aoxide.connect({ MODE: 'local', network })
    process = await ao.spawn({ module: index.module, signer })
    await evaluate('Count = 1')
    await evaluate('Count = 2')
  })
  after(() => network.close())

  test('begins with the memory of the unit and goes on with the schedule, and nothing is verified', async () => {
    const from = await aoxide.jwkToAddress(jwk)
    const message = { data: 'return Count', tags, from }
    const view = await open()
    assert.deepEqual([view.slot, asked], [2, [2]])
    const expected = {
      verified: false,
      anchor: 'state',
      unverifiable: [{ subject: 'state', slot: 0, count: 3 }],
      party: network.units.CU_URL
    }
    const check = ({ verified, anchor, unverifiable, trusted }) => {
      const party = trusted.find(({ party }) => party === 'unit')?.name
      assert.deepEqual({ verified, anchor, unverifiable, party }, expected)
    }
    const first = await view.dryrun(message)
    assert.equal(first.Output.data, '2')
    check(first.proof)
    await evaluate('Count = Count + 1')
    check(await view.advance())
    const second = await view.dryrun(message, { unit: true })
    assert.deepEqual([second.Output.data, second.proof.slot], ['3', 3])
    assert.match(second.proof.unit, /^(agrees|other-order)$/)
    check(second.proof)
    // What was exported stays what it is.
    const again = await open({ view: await view.export(), trust: { state: false } })
    check(await again.advance())
    await view.close()
    await again.close()
  })

  test('a unit that is busy is BAD_RESPONSE, and one that has no such route is HTTP_STATUS', async () => {
    answer = () => Response.json({ message: 'busy' }, { status: 202 })
    await assert.rejects(open(), { code: 'BAD_RESPONSE' })
    answer = () => new Response('', { status: 404 })
    await assert.rejects(open(), { code: 'HTTP_STATUS' })
    answer = undefined
  })

  test('without a unit, and together with a checkpoint, it is BAD_ARGUMENT', async () => {
    await assert.rejects(open({ source: { unit: undefined } }), { code: 'BAD_ARGUMENT' })
    await assert.rejects(open({ trust: { checkpoints: [forger] } }), { code: 'BAD_ARGUMENT' })
  })
})
