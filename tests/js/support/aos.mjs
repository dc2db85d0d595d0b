// Creates aos processes and messages from their owner.
const id = (character) => character.repeat(43)

export const environment = {
  Process: { Id: id('P'), Owner: id('O'), Tags: [{ name: 'Name', value: 'Test' }] },
  Module: { Id: id('M'), Owner: id('O'), Tags: [] }
}

/** A message for which the process evaluates Lua code. */
export const evaluation = (code) => ({
  Id: id('I'),
  Target: id('P'),
  Owner: id('O'),
  From: id('O'),
  Module: id('M'),
  Data: code,
  Tags: [{ name: 'Action', value: 'Eval' }],
  Timestamp: 1_700_000_000_000,
  'Block-Height': 1_300_000
})

/** The first message of a process. */
export const spawned = {
  ...evaluation(''),
  Id: id('P'),
  Tags: [{ name: 'Type', value: 'Process' }]
}

/** Starts a process and evaluates its first message. */
export async function start(module) {
  const process = await module.instantiate(environment)
  await process.handle(spawned)
  return process
}
