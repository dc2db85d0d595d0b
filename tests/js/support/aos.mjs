// An aos process and messages of its owner.
const id = (letter) => letter.repeat(43)

export const environment = {
  Process: { Id: id('P'), Owner: id('O'), Tags: [{ name: 'Name', value: 'Test' }] },
  Module: { Id: id('M'), Owner: id('O'), Tags: [] }
}

/** A message that makes the process run Lua. */
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

/** A process that has had its first message. */
export async function start(module) {
  const process = await module.instantiate(environment)
  await process.handle(spawned)
  return process
}
