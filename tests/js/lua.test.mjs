// `aoxide/lua`, and processes of it: in local networks, where `spawn` needs no module, and by `loadModule`.
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { after, before, describe, test } from 'node:test'
import { differences } from '../lua/support/conversations.mjs'
import { firstCells } from './support/documents.mjs'
import { jwk } from './support/key.mjs'
import { aoxide, root, subpath } from './support/package.mjs'

const { luaModule } = await subpath('lua')
const { loadModule } = await subpath('compute')
const { createLocalNetwork } = await subpath('local')
const { connect, createSigner } = aoxide

const bytes = readFileSync(`${root}target/lua/process.wasm`)
const signer = createSigner(jwk)
const tag = (name, value) => ({ name, value })
const source = `
  Count = Count or 0
  Handlers.add('increment', 'Increment', function(msg)
    Count = Count + 1
    msg.reply({ Data = tostring(Count) })
  end)`
const owner = await aoxide.jwkToAddress(jwk)
const message = (fields) => ({ Id: 'm'.repeat(43), From: owner, Owner: owner, Target: 'p'.repeat(43), ...fields })
const environment = {
  Process: { Id: 'p'.repeat(43), Owner: owner, Tags: [] },
  Module: { Id: 'l'.repeat(43), Owner: owner, Tags: [] }
}
/** A `fetch` for tests in which no request may leave the process. */
const noFetch = () => assert.fail('a request was made')

describe('luaModule', () => {
  test('gives the bytes that were built, an id that is their hash, and the tags of a module of AO', async () => {
    const module = await luaModule()
    assert.ok(Buffer.from(module.bytes).equals(bytes))
    assert.equal(module.id, createHash('sha256').update(bytes).digest('base64url'))
    const tags = Object.fromEntries(module.tags.map(({ name, value }) => [name, value]))
    assert.deepEqual(
      [tags['Data-Protocol'], tags.Type, tags['Module-Format']],
      ['ao', 'Module', 'wasm32-unknown-emscripten4']
    )
    for (const name of ['Variant', 'Input-Encoding', 'Output-Encoding', 'Memory-Limit', 'Compute-Limit'])
      assert.ok(tags[name], name)
  })

  test('every call gives a copy of its own', async () => {
    const first = await luaModule()
    first.bytes.fill(0)
    first.tags.length = 0
    const second = await luaModule()
    assert.ok(Buffer.from(second.bytes).equals(bytes))
    assert.ok(second.tags.length > 0)
  })

  for (const engine of ['native', 'wasmi'])
    test(`loadModule takes the module, with the format of its tags, on ${engine}`, async () => {
      const module = await loadModule(await luaModule(), { engine, worker: false })
      assert.deepEqual([module.format, module.engine], ['wasm32-unknown-emscripten4', engine])
      const process = await module.instantiate(environment)
      const { Output } = await process.handle(message({ Tags: [tag('Action', 'Eval')], Data: 'return 6 * 7' }))
      assert.equal(Output.data, '42')
      await module.close()
    })

  test('a format in the options takes precedence over the tags', async () => {
    const module = { bytes: (await luaModule()).bytes, tags: [tag('Module-Format', 'none')] }
    await assert.rejects(loadModule(module), { code: 'UNSUPPORTED', message: /none/ })
    const loaded = await loadModule(module, { format: 'wasm32-unknown-emscripten4', worker: false })
    assert.equal(loaded.format, 'wasm32-unknown-emscripten4')
    await loaded.close()
  })
})

describe('spawn without a module, in local mode', { timeout: 60_000 }, () => {
  let network
  let ao
  before(async () => {
    network = await createLocalNetwork()
    ao = connect({ MODE: 'local', network, fetch: noFetch })
  })
  after(() => network.close())

  const evaluated = async (process, data) =>
    (await ao.send({ process, signer, data, tags: [tag('Action', 'Eval')] })).Output.data

  test('the process evaluates the data, and handles messages', async () => {
    const process = await ao.spawn({ signer, data: source })
    for (const count of ['1', '2']) {
      const { Messages } = await ao.send({ process, signer, tags: [tag('Action', 'Increment')] })
      assert.equal(Messages[0].Data, count)
    }
    const { tags } = await (await network.fetch(`/su/processes/${process}`)).json()
    const given = Object.fromEntries(tags.map(({ name, value }) => [name, value]))
    const { id } = await luaModule()
    assert.deepEqual([given.Module, given['On-Boot'], given.Authority], [id, 'Data', network.address])
  })

  test('the module can be named by its id, whose data is then not evaluated', async () => {
    const process = await ao.spawn({ module: (await luaModule()).id, signer, data: 'Count = 1' })
    assert.equal(await evaluated(process, 'return tostring(Count)'), 'nil')
  })

  test('without data nothing is evaluated', async () => {
    const process = await ao.spawn({ signer })
    assert.equal(await evaluated(process, 'return #Inbox'), '1')
    const { tags } = await (await network.fetch(`/su/processes/${process}`)).json()
    assert.equal(
      tags.find(({ name }) => name === 'On-Boot'),
      undefined
    )
  })

  test('a tag On-Boot of the caller stays as it is', async () => {
    const boot = 'b'.repeat(42) + 'A'
    await network.addData(boot, 'Count = 7')
    const process = await ao.spawn({ signer, data: 'Count = 1', tags: [tag('On-Boot', boot)] })
    const { tags } = await (await network.fetch(`/su/processes/${process}`)).json()
    assert.deepEqual(
      tags.filter(({ name }) => name === 'On-Boot').map(({ value }) => value),
      [boot]
    )
  })

  test('source with an error: the result of the spawn has the error', async () => {
    const process = await ao.spawn({ signer, data: 'Count = = 1' })
    assert.match((await ao.result({ process, message: process })).Error, /unexpected symbol near '='/)
  })

  test('processes of it spawn others of it, and talk to them', async () => {
    const process = await ao.spawn({
      signer,
      data: `
        Handlers.add('begin', 'Begin', function(msg)
          Child = Spawn(ao._module, { Data = "Handlers.add('ping', 'Ping', function(m) m.reply({ Data = 'pong' }) end)",
            Tags = { ['On-Boot'] = 'Data', Authority = ao.authorities[1] } }).receive().Process
          Answer = Send({ Target = Child, Action = 'Ping' }).receive().Data
        end)`
    })
    await ao.send({ process, signer, tags: [tag('Action', 'Begin')] })
    await network.settle()
    assert.equal(await evaluated(process, 'return Answer'), 'pong')
  })

  test('the owner of a process that another process has spawned is that process', async () => {
    const process = await ao.spawn({ signer, data: "Handlers.add('begin', 'Begin', function() Spawn({}) end)" })
    await ao.send({ process, signer, tags: [tag('Action', 'Begin')] })
    await network.settle()
    const child = await evaluated(process, 'return Inbox[#Inbox].Process')
    const { Output } = await ao.dryrun({
      process: child,
      Owner: process,
      data: 'return Owner',
      tags: [tag('Action', 'Eval')]
    })
    assert.equal(Output.data, process)
  })

  test('a pattern with a hyphen, as many ids have one, fits its own text only', async () => {
    const process = await ao.spawn({ signer })
    const fits = (value) =>
      evaluated(process, `return tostring(Utils.matchesSpec({ From = '${value}' }, { From = 'a-b_c-D' }))`)
    assert.equal(await fits('a-b_c-D'), 'true')
    assert.equal(await fits('ab_cD'), 'false')
    assert.equal(await fits('xa-b_c-D'), 'false')
  })

  test('modules and addModule take the module with its tags', async () => {
    const module = await luaModule()
    const network = await createLocalNetwork({ modules: { [module.id]: module } })
    const other = 'o'.repeat(42) + 'A'
    await network.addModule(other, module)
    const ao = connect({ MODE: 'local', network, GATEWAY_URL: false })
    for (const id of [module.id, other]) {
      const process = await ao.spawn({ module: id, signer })
      const sent = await ao.send({ process, signer, data: 'return 1', tags: [tag('Action', 'Eval')] })
      assert.equal(sent.Output.data, '1')
    }
    await network.close()
  })

  test('a module that is not there stays an error, without a download', async () => {
    const ao = connect({ MODE: 'local', network, GATEWAY_URL: false })
    await assert.rejects(ao.spawn({ module: 'n'.repeat(42) + 'A', signer }), { code: 'NOT_FOUND' })
  })

  test('a module that is no id is an error, and not taken for a missing one', async () => {
    await assert.rejects(ao.spawn({ module: '', signer }), { code: 'HTTP_STATUS', message: /BAD_ID/ })
    await assert.rejects(ao.spawn({ module: null, signer }), { code: 'BAD_ARGUMENT', message: /'module'/ })
  })
})

test('docs/lua.md has a row for each difference from aos that the conversations have', () => {
  const rows = {
    generator: 'random numbers',
    clock: 'time',
    version: 'prompt',
    absent: 'left out',
    json: 'json',
    address: 'addresses',
    errors: 'errors',
    arguments: 'wrong arguments',
    start: 'start',
    coroutines: 'coroutines',
    printing: 'printing'
  }
  assert.deepEqual(Object.keys(rows), Object.keys(differences))
  assert.deepEqual(firstCells('docs/lua.md', '## Differences to aos'), Object.values(rows))
})

test('on the legacy network, spawn without a module stays an error', async () => {
  const ao = connect({ fetch: noFetch })
  await assert.rejects(ao.spawn({ signer, scheduler: 's'.repeat(42) + 'A' }), {
    code: 'BAD_ARGUMENT',
    message: /'module'/
  })
})
