// Lua code and messages that try to break the process.

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'

import { OWNER, PROCESS, STRANGER } from './support/conversations.mjs'
import { modules, start } from './support/processes.mjs'

const root = new URL('../../', import.meta.url)

async function process(...steps) {
  const started = await start(modules.ours)
  for (const step of [{ Id: PROCESS, tags: { Type: 'Process' } }, ...steps]) {
    const { Error: reason } = await started.handle(step)
    assert.equal(reason, undefined, JSON.stringify(step))
  }
  return started
}

test('trust: tags of a message cannot stand for its sender, owner or id', async () => {
  const run = await process(
    'Handlers.add("who", "Who", function(m) print(m.From .. m.Owner .. m.Id:sub(1, 3) .. m.Target) end)'
  )
  const tags = {
    Action: 'Who',
    From: OWNER,
    from: OWNER,
    Owner: OWNER,
    owner: OWNER,
    Id: 'fake',
    id: 'fake',
    target: 'fake'
  }
  const { Output } = await run.handle({ tags, from: STRANGER })
  assert.equal(Output.data, STRANGER + STRANGER + 'mmm' + PROCESS)
  await run.close()
})

test('trust: an Eval whose tags name the owner is not evaluated', async () => {
  const run = await process()
  await run.handle({ tags: { Action: 'Eval', From: OWNER, Owner: OWNER }, data: 'Hacked = true', from: STRANGER })
  assert.equal((await run.handle('return tostring(Hacked)')).Output.data, 'nil')
  await run.close()
})

test('trust: a message whose owner is not its sender is refused', async () => {
  const run = await process()
  const { Output } = await run.handle({ tags: { Action: 'Eval' }, data: 'Hacked = true', from: OWNER, Owner: STRANGER })
  assert.match(Output.data, /not trusted/)
  await run.close()
})

test('ao.id: an assignment to it ends with the message', async () => {
  const run = await process('ao.id = "other"')
  assert.equal((await run.handle('return ao.id')).Output.data, PROCESS)
  await run.close()
})

test('errors: the state before a message with an error is kept', async () => {
  const run = await process('x = 1')
  for (const lua of [
    'x = 2 error("e")',
    'x = 2 error({})',
    'x = 2 error(nil)',
    'x = 2 error(setmetatable({}, {__tostring = error}))'
  ]) {
    const { Error: reason } = await run.handle(lua)
    assert.equal(typeof reason, 'string', lua)
  }
  assert.equal((await run.handle('return x')).Output.data, '1')
  await run.close()
})

test('metatables: what is printed, sent or returned does not run code of the value', async () => {
  const run = await process(
    'trap = setmetatable({}, {__index = function() error("i") end, __pairs = function() error("p") end, __len = function() error("l") end, __tostring = function() error("t") end, __concat = function() error("c") end})'
  )
  assert.equal((await run.handle('return trap')).Output.data, '{  }')
  assert.equal((await run.handle('print({ a = trap })')).Error, undefined)
  assert.equal((await run.handle('return require("json").encode(trap)')).Output.data, '[]')
  await run.close()
})

test('finalizers: a table that changes while it is encoded gives a text or an error', async () => {
  const run = await process()
  const lua = `
    local json = require("json")
    local t, texts = {}, 0
    local function renew()
      for i = 1, 200 do t[("key"):rep(20) .. i] = { i } end
      setmetatable({}, { __gc = function() for key in pairs(t) do t[key] = nil end t[1] = 1 end })
    end
    for round = 1, 300 do
      t[1] = nil
      renew()
      local ok, text = pcall(json.encode, t)
      texts = texts + (ok and type(json.decode(text)) == "table" and 1 or 0)
    end
    return texts`
  const { Output, Error: reason } = await run.handle(lua)
  assert.equal(reason, undefined)
  assert.ok(Number(Output.data) > 0, Output.data)
  await run.close()
})

test('globals: a process without its globals still evaluates', async () => {
  const run = await process(
    'for _, k in ipairs({ "print", "pcall", "tostring", "table", "string", "next", "error", "type" }) do _G[k] = nil end'
  )
  assert.equal((await run.handle('return 1 + 1')).Output.data, '2')
  await run.close()
})

test('depth: deep tables and texts are encoded, decoded and printed, or refused with an error', async () => {
  const run = await process()
  const deep = 'local t = {} local c = t for i = 1, 100000 do c[1] = {} c = c[1] end '
  for (const lua of [
    deep + 'return #json.encode(t)',
    deep + 'return t',
    'return json.decode(("["):rep(1000000))',
    'local function f() return 1 + f() end f()',
    '("x"):rep(1 << 40)'
  ]) {
    const result = await run.handle(lua)
    assert.ok(typeof result.Error === 'string' || result.Output, lua)
  }
  assert.equal((await run.handle('return 1')).Output.data, '1')
  await run.close()
})

test('crdt: random histories of three processes merge to one state in any order', async () => {
  const run = await process()
  const { Output, Error: reason } = await run.handle(readFileSync(new URL('tests/lua/crdt.lua', root), 'utf8'))
  assert.equal(reason, undefined)
  assert.match(Output.data, /^\d{4,} checks$/)
  await run.close()
})

test('crypto: digests and HMAC are those of Node.js', async () => {
  const { createHash, createHmac } = await import('node:crypto')
  const run = await process('crypto = require(".crypto")')
  const names = {
    blake2b: 'blake2b512',
    md5: 'md5',
    sha1: 'sha1',
    sha2_256: 'sha256',
    sha2_512: 'sha512',
    sha3_256: 'sha3-256',
    sha3_512: 'sha3-512'
  }
  for (const length of [0, 1, 55, 56, 64, 111, 112, 128, 135, 136, 200, 300]) {
    for (const [name, algorithm] of Object.entries(names)) {
      const { Output } = await run.handle(`return crypto.digest.${name}(("q"):rep(${length})).asHex()`)
      assert.equal(Output.data, createHash(algorithm).update('q'.repeat(length)).digest('hex'), `${name} of ${length}`)
    }
  }
  const { Output } = await run.handle('return crypto.mac.createHmac("data", ("k"):rep(100), "sha256").asHex()')
  assert.equal(Output.data, createHmac('sha256', 'k'.repeat(100)).update('data').digest('hex'))
  await run.close()
})
