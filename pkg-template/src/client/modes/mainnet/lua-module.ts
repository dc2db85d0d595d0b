// Creates a process from the Lua source of its module. Fetched by the first such spawn.

import { AoError } from '../../../errors.js'
import type { Arguments, Calls } from './calls.js'

/** A path that every node has and that only reads the message. Devices of other names have paths of their own. */
const KEEP = '/~message@1.0/keys'

interface SourceInput extends Arguments {
  tags: readonly { name: string; value: string }[]
}

/**
 * Sends the source to the node as an item of its own and returns the definition of the process with that item as its module. A
 * device loads a module only by its id, and a node keeps every signed item that it is sent.
 */
export async function withModule(input: Arguments, { read, write }: Calls): Promise<Arguments> {
  const { data, signer, signal, retry, tags, ...definition } = input as SourceInput
  const isType = ({ name }: { name: string }) => name.toLowerCase() === 'content-type'
  let module: string | undefined
  const kept = (await write('request', {
    path: KEEP,
    'signing-format': 'ans104',
    Type: 'Module',
    'content-type': tags.find(isType)?.value,
    data,
    signer,
    signal,
    retry,
    onSigned: (id: string) => (module = id)
  })) as Response
  await kept.body?.cancel()
  try {
    await read('read', { path: `${module}/content-type`, signal, retry })
  } catch (cause) {
    if (!(cause instanceof AoError) || cause.code !== 'HTTP_STATUS') throw cause
    const what = 'The node did not keep the Lua source. Upload it to Arweave, and give its id as `module`.'
    throw new AoError('UNSUPPORTED', what, { details: { id: module }, cause })
  }
  return { ...definition, signer, signal, retry, module, tags: tags.filter((tag) => !isType(tag)) }
}
