// @ts-nocheck: not converted yet.
// A process from the Lua source of its module. Fetched by those who make one.

import { AoError } from '../../../errors.js'

/** Devices of other names have paths of their own; this one only looks at the message, and every node has it. */
const KEEP = '/~message@1.0/keys'

/**
 * A definition whose data is the source of its module. Devices load modules by their ids only, so the node is given the source
 * first, as an item of its own. It keeps every item that is signed.
 */
export async function withModule(input, { read, write }) {
  const { data, signer, signal, retry, tags, ...definition } = input
  const isType = ({ name }) => name.toLowerCase() === 'content-type'
  let module
  const kept = await write('request', {
    path: KEEP,
    'signing-format': 'ans104',
    Type: 'Module',
    'content-type': tags.find(isType).value,
    data,
    signer,
    signal,
    retry,
    onSigned: (id) => (module = id)
  })
  await kept.body?.cancel()
  try {
    await read('read', { path: `${module}/content-type`, signal, retry })
  } catch (cause) {
    if (cause?.code !== 'HTTP_STATUS') throw cause
    const what = 'The node did not keep the Lua source. Upload it to Arweave, and give its id as `module`.'
    throw new AoError('UNSUPPORTED', what, { details: { id: module }, cause })
  }
  return { ...definition, signer, signal, retry, module, tags: tags.filter((tag) => !isType(tag)) }
}
