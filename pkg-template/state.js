// State of a process as plain values. A node writes every leaf of a message as text, and says beside it what it is:
// `{ "supply": "21", "ao-types": "supply=\"integer\"" }`. What does not fit what is said of it stays text. Fetched by those
// who read state.

/** What a node adds to the message that it answers with. In nested maps, these are names of the process's own. */
const ENVELOPE = ['commitments', 'priv', 'hashpath']
/** What stands beside a value that comes alone. */
const BESIDE = ['body', 'status', 'content-type', 'device']

/** What is empty has a type and no value. */
const EMPTY = new Map([
  ['empty-message', () => ({})],
  ['empty-list', () => []],
  ['empty-binary', () => '']
])

const ATOMS = new Map([
  ['true', true],
  ['false', false],
  ['null', null],
  ['undefined', null]
])

/** The state in an answer, without the envelope of the answer. Nodes put the answer's own status among the members. */
export function stateOf(answer) {
  if (!isMessage(answer)) return plain(answer)
  const answered = Number(answer.status) === 200
  const added = ([name]) => ENVELOPE.includes(name) || (answered && name === 'status')
  const state = Object.fromEntries(Object.entries(answer).filter((member) => !added(member)))
  const decoded = membersOf(state)
  const body = decoded.find(([name]) => name === 'body')
  if (body && decoded.every(([name]) => BESIDE.includes(name))) {
    return answer['content-type'] === 'application/json' ? parsed(body[1]) : body[1]
  }
  return whole(state, decoded)
}

const isMessage = (value) => value !== null && typeof value === 'object' && !Array.isArray(value)

function plain(value) {
  if (Array.isArray(value)) return value.map(plain)
  return isMessage(value) ? whole(value, membersOf(value)) : value
}

/** The members of a message, decoded. Types say how the message is written, and are no member of it. */
function membersOf(message) {
  const types = typesOf(message['ao-types'])
  const members = Object.entries(message).filter(
    ([name, value]) => name !== 'ao-types' && !(name === 'commitments' && isChecksum(value))
  )
  const there = new Set(members.map(([name]) => name.toLowerCase()))
  const decoded = members.map(([name, member]) => [name, typed(member, types.get(name.toLowerCase()))])
  for (const [name, type] of types) {
    if (EMPTY.has(type) && !there.has(name.toLowerCase())) decoded.push([name, EMPTY.get(type)()])
  }
  return decoded
}

/**
 * Whether commitments are only what a node computes from the map itself, and adds to each map of a bundled answer. Signatures
 * by a key are part of the state.
 */
function isChecksum(commitments) {
  const all = isMessage(commitments) ? Object.values(commitments) : []
  return all.length > 0 && all.every((each) => each?.type === 'hmac-sha256' && each.keyid === 'constant:ao')
}

const whole = (message, decoded) =>
  typesOf(message['ao-types']).get('.') === 'list' ? listOf(decoded) : Object.fromEntries(decoded)

function parsed(body) {
  try {
    return typeof body === 'string' ? JSON.parse(body) : body
  } catch {
    return body
  }
}

/** Lists are messages with the keys 1, 2, 3 … */
const listOf = (members) => members.sort(([a], [b]) => a - b).map(([, member]) => member)

function typed(value, type) {
  if (type === 'list') {
    if (typeof value === 'string') return itemsOf(value)
    const list = plain(value)
    return Array.isArray(list) || list === null || typeof list !== 'object' ? list : listOf(Object.entries(list))
  }
  if (typeof value !== 'string') return plain(value)
  const number = Number(value)
  if (type === 'integer' && /^-?\d+$/.test(value)) return Number.isSafeInteger(number) ? number : BigInt(value)
  if (type === 'float' && !Number.isNaN(number)) return number
  if (type === 'atom') {
    const name = value.replace(/^"|"$/g, '')
    return ATOMS.has(name) ? ATOMS.get(name) : name
  }
  return EMPTY.has(type) ? EMPTY.get(type)() : value
}

/** A list in one line (RFC 8941): `"(ao-type-integer) 1", "two", 3`. Text, if it is none. */
function itemsOf(line) {
  const items = []
  const item = /\s*(?:"((?:[^"\\]|\\.)*)"|([^\s",]+))\s*(?:,|$)/y
  while (item.lastIndex < line.length) {
    const [, text, bare] = item.exec(line) ?? []
    if (text === undefined && bare === undefined) return line
    items.push(text === undefined ? bareOf(bare) : textOf(text.replace(/\\(.)/g, '$1')))
  }
  return items
}

function textOf(text) {
  const [, type, value] = /^\(ao-type-([\w-]+)\) (.*)$/s.exec(text) ?? []
  return type ? typed(value, type) : text
}

/** A number or a truth value; else a name, which stands for itself. */
function bareOf(item) {
  if (/^\?[01]$/.test(item)) return item === '?1'
  return typed(item, /^-?\d+$/.test(item) ? 'integer' : /^-?\d+\.\d+$/.test(item) ? 'float' : 'atom')
}

/** `a="integer", b%20c="atom"` (RFC 8941), also without the quotes; the names in lower case, as nodes have them. */
function typesOf(line) {
  const types = new Map()
  if (typeof line !== 'string') return types
  for (const member of line.split(',')) {
    const [name, type] = member.split('=')
    const [, known] = /^"?([\w-]+)"?$/.exec(type?.trim() ?? '') ?? []
    if (known) types.set(unescaped(name.trim()), known.toLowerCase())
  }
  return types
}

function unescaped(name) {
  try {
    return decodeURIComponent(name).toLowerCase()
  } catch {
    return name.toLowerCase()
  }
}
