// State of a process as plain values. A node writes every leaf of a message as text, and says beside it what it is:
// `{ "supply": "21", "ao-types": "supply=\"integer\"" }`. Fetched by those who read state.

/** What a node adds to a message; never a part of the state. */
const ADDED = ['ao-types', 'commitments', 'priv', 'hashpath']

export function plain(value) {
  if (Array.isArray(value)) return value.map(plain)
  if (value === null || typeof value !== 'object') return value
  const types = typesOf(value['ao-types'])
  const members = Object.entries(value).filter(([name]) => !ADDED.includes(name))
  const decoded = members.map(([name, member]) => [name, typed(member, types[name.toLowerCase()])])
  for (const [name, type] of Object.entries(types)) {
    // What is empty has a type and no value.
    if (type in EMPTY && !members.some(([member]) => member.toLowerCase() === name)) decoded.push([name, EMPTY[type]()])
  }
  const names = decoded.map(([name]) => name)
  // A single value comes alone, beside the status of the answer at most.
  if (names.includes('body') && names.every((name) => ['body', 'status', 'content-type', 'device'].includes(name))) {
    return single(decoded.find(([name]) => name === 'body')[1], value['content-type'])
  }
  if (types['.'] === 'list') return listOf(decoded)
  return Object.fromEntries(decoded)
}

const EMPTY = { 'empty-message': () => ({}), 'empty-list': () => [], 'empty-binary': () => '' }

const single = (body, type) => (type === 'application/json' && typeof body === 'string' ? JSON.parse(body) : body)

/** Lists are messages with the keys 1, 2, 3 … */
const listOf = (members) => members.sort(([a], [b]) => a - b).map(([, member]) => member)

function typed(value, type) {
  if (type === 'list') {
    if (typeof value === 'string') return itemsOf(value)
    const list = plain(value)
    return Array.isArray(list) ? list : listOf(Object.entries(list))
  }
  if (typeof value !== 'string') return plain(value)
  if (type === 'integer') return Number.isSafeInteger(Number(value)) ? Number(value) : BigInt(value)
  if (type === 'float') return Number(value)
  if (type === 'atom') {
    const name = value.replace(/^"|"$/g, '')
    return (
      { true: true, false: false, null: null, undefined: null }[name] ??
      (name === 'null' || name === 'undefined' ? null : name)
    )
  }
  return type in EMPTY ? EMPTY[type]() : value
}

/** A list in one line (RFC 8941): `"(ao-type-integer) 1", "two"`. */
function itemsOf(line) {
  return [...line.matchAll(/"((?:[^"\\]|\\.)*)"/g)].map(([, item]) => {
    const text = item.replace(/\\(.)/g, '$1')
    const [, type, value] = /^\(ao-type-([\w-]+)\) (.*)$/s.exec(text) ?? []
    return type ? typed(value, type) : text
  })
}

/** `a="integer", b%20c="atom"` (RFC 8941), also without the quotes. */
function typesOf(line) {
  const types = {}
  if (typeof line !== 'string') return types
  for (const [, name, type] of line.matchAll(/(?:^|,)\s*([^=,]+?)\s*=\s*"?([\w-]+)"?/g)) {
    types[decodeURIComponent(name).toLowerCase()] = type
  }
  return types
}
