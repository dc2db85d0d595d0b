// Answers reads of an AO network with what a HyperBEAM node says, after it has verified the signatures of the node's reply.
//
//   GET /message/<id>               a message; rests on the signature of its author
//   GET /state/<process>/<path>     a value in the state of a process; rests on the signature of the node
import { decodeReply } from 'aoxide/httpsig'

const ID = /^[\w-]{43}$/
const READS = { message: readMessage, state: readState }

export default {
  async fetch(request, env) {
    const [, read, id = '', ...path] = new URL(request.url).pathname.split('/')
    if (request.method !== 'GET' || !Object.hasOwn(READS, read) || !ID.test(id)) {
      return Response.json({ error: 'Ask for GET /message/<id> or GET /state/<process>/<path>.' }, { status: 404 })
    }
    try {
      return Response.json(await READS[read](env, id, path.join('/')))
    } catch (error) {
      // An unverified reply is an error, never an answer.
      return Response.json({ error: error.message, code: error.code }, { status: 502 })
    }
  }
}

/** Reads a message. Its id is the hash of its author's signature, so no node can answer with another message. */
async function readMessage({ NODE_URL }, id) {
  const { message, signatures } = await readNode(`${NODE_URL}/${id}`)
  const signature = signatures.find((each) => each.valid && each.address && each.id === id)
  if (!signature) throw new Error('The reply has no valid signature with this id.')
  // The node can add other fields. Only these are the author's.
  const signed = signature.covered.map((name) => [name, message[name]])
  return { message: Object.fromEntries(signed), verified: { by: 'author', address: signature.address } }
}

/** Reads a value. The node computes it, so its signature proves only that NODE_ADDRESS, the node that you trust, said so. */
async function readState({ NODE_URL, NODE_ADDRESS }, process, path) {
  const { message, signatures } = await readNode(`${NODE_URL}/${process}~process@1.0/now/${path}`)
  const signature = signatures.find((each) => each.valid && each.address === NODE_ADDRESS)
  if (!signature) throw new Error(`The reply has no valid signature of the node ${NODE_ADDRESS}.`)
  const isSigned = ['ao-result', 'body'].every((name) => signature.covered.includes(name))
  if (!isSigned || message['ao-result'] !== 'body') throw new Error('The signature of the node does not cover a value.')
  return { value: message.body, verified: { by: 'node', address: signature.address } }
}

async function readNode(url) {
  const response = await fetch(url)
  if (!response.ok) throw new Error(`The node answered ${response.status}.`)
  return decodeReply(response)
}
