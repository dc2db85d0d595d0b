// HyperBEAM nodes that share one set of processes. Every accepted POST takes a slot, even a copy of a message that has one,
// and the process evaluates it again. The responses have the shapes of recorded nodes of both generations.
import assert from 'node:assert/strict'
import { idOfMessage, verifiesMessage } from './messages.mjs'
import { decode, idOf } from './peers.mjs'

export const page = (status, headers) =>
  new Response('<!DOCTYPE html><html><body>HyperBEAM</body></html>', {
    status,
    headers: { 'content-type': 'text/html', ...headers }
  })

const json = (body, headers, status = 200) => Response.json({ ...body, status }, { status, headers })

/** The result of a message with this data. */
export const answerTo = (data) => ({ Output: { data: `answer to ${data}` }, Messages: [], Spawns: [], Assignments: [] })

/** The fields of a data item, or of a message in HTTP's own form. */
function fieldsOf({ headers, body }) {
  if (headers?.signature) {
    assert.ok(verifiesMessage(headers, body))
    const { target, type } = headers
    return { id: idOfMessage(headers), target, type, data: Buffer.from(body).toString(), kind: 'rsa-pss-sha512' }
  }
  const { target, tags, data } = decode(body)
  const [, type] = tags.map((tag) => /^type=(.*)$/i.exec(tag)).find(Boolean) ?? []
  return { id: idOf(body), target, type, data: Buffer.from(data, 'hex').toString(), kind: 'rsa-pss-sha256' }
}

/** @param generation '2025-09' or '2025-11' */
export function hyperbeam(generation, { chance }) {
  const isOld = generation === '2025-09'
  const address = 'tV57uteq7otpS19B9-e1jAH3ODVFjmgwKgYauBpOLYs'
  /** The slots of each process. */
  const processes = new Map()
  /** The slots of each text that was sent. Only one call sends each text. */
  const slotsByText = new Map()

  const committed = (names) => (isOld ? Object.fromEntries(names.map((name, at) => [at + 1, name])) : names)
  const hmac = { 'commitment-device': 'httpsig@1.0', committed: committed(['data']), type: 'hmac-sha256' }
  const signed = (body) => ({ ...body, commitments: { anyId: { ...hmac, type: 'rsa-pss-sha512' } } })
  const single = (body) => json(signed({ 'ao-result': 'body', body }))
  const map = (body) => json(signed(isOld ? body : { 'ao-result': 'body', body }))
  const evaluation = (data) => ({
    data: `answer to ${data}`,
    json: { body: JSON.stringify(answerTo(data)), 'content-type': 'application/json' },
    outbox: {}
  })

  function assignment(process, slot) {
    const { id, data, kind, timestamp } = processes.get(process)[slot]
    const commitments = { [id]: { 'commitment-device': 'ans104@1.0', committed: committed(['data']), type: kind } }
    // Nodes of September 2025 return no HMAC for data items.
    if (!isOld || kind === 'rsa-pss-sha512') commitments[`hmac-of-${id}`] = hmac
    const body = { data, commitments }
    return { 'block-height': 0, body, epoch: '0', path: 'compute', process, slot, timestamp, type: 'Assignment' }
  }

  function post(path, request) {
    const { id, target, type, data, kind } = fieldsOf(request)
    const isProcess = type?.toLowerCase() === 'process'
    const process = isProcess ? id : (target ?? path.slice(1, 44))
    if (isProcess && !processes.has(id)) processes.set(id, [])
    const slots = processes.get(process)
    if (!slots) return page(500)
    const slot = slots.push({ id, data, kind, timestamp: Date.now() }) - 1
    slotsByText.set(data, [...(slotsByText.get(data) ?? []), { process, slot, id }])
    const headers = { process, slot: String(slot) }
    if (isProcess) return page(200, headers)
    if (path.endsWith('/schedule')) return json(signed(assignment(process, slot)), headers)
    // The process failed at the message, which keeps its slot, or a message that it sent to another process failed.
    if (chance(0.02)) return json({}, {}, 400)
    if (chance(0.02)) return json({ details: 'badmatch' }, {}, 500)
    return json(signed({ ...evaluation(data), process, slot }), headers)
  }

  function get(path, query) {
    const process = path.slice(1, 44)
    const slots = processes.get(process)
    if (path === '/~meta@1.0/info/address') return query.has('require-codec') ? single(address) : new Response(address)
    if (path.includes('/now/')) return single(path.split('/').at(-1))
    if (!slots)
      return json({ details: `{necessary_message_not_found,<<"/">>,<<"${process}">>}`, type: 'throw' }, {}, 500)
    if (path.endsWith('/slot/current')) return new Response(String(slots.length - 1))
    if (path.endsWith('/slot')) {
      const current = slots.length - 1
      const date = chance(0.5) ? { date: new Date().toUTCString() } : {}
      return json(signed({ addresses: [address], 'block-height': 0, current, process, timestamp: 0 }), date)
    }
    if (path.endsWith('/schedule')) {
      const assignments = {}
      for (let slot = Number(query.get('from')); slot <= Math.min(Number(query.get('to')), slots.length - 1); slot++)
        assignments[slot] = assignment(process, slot)
      return json(signed({ assignments, continues: 'false', process, timestamp: 0, type: 'schedule' }))
    }
    if (path.includes('/as=execution/')) {
      const [, data] = /&Said=([\w-]+)$/.exec(path)
      return json(signed({ 'at-slot': -1, device: 'patch@1.0', results: evaluation(data) }))
    }
    const [, slot] = /compute&slot=(\d+)\/results$/.exec(path) ?? []
    if (!slots[slot]) return page(404)
    return map(evaluation(slots[slot].data))
  }

  return {
    address,
    processes,
    slotsByText,
    serve(request) {
      const { pathname, searchParams } = new URL(request.url)
      return request.method === 'GET' ? get(pathname, searchParams) : post(pathname, request)
    }
  }
}
