// @ts-nocheck: not converted yet.
// What a node answers, by the form that it has: a value with `ao-result` beside it, a message, or the result of a legacy unit.
// A node writes every leaf of a message as text, and says beside it what it is:
// `{ "supply": "21", "ao-types": "supply=\"integer\"" }`. What does not fit what is said of it stays text. Fetched by those
// who read results or state.

import { AoError } from '../../../errors.js'

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

/** The state in an answer, without the envelope of the answer. */
export function stateOf(answer) {
  if (!isMessage(answer)) return plain(answer)
  if (isWrapped(answer)) return valueIn(answer)
  const { members, decoded } = messageIn(answer)
  const body = decoded.find(([name]) => name === 'body')
  if (body && decoded.every(([name]) => BESIDE.includes(name))) return document(answer, body[1])
  return isNumbered(decoded) ? listOf(decoded) : whole(members, decoded)
}

/** The result of a legacy unit, which nodes put into `raw`, or as text into `json.body`; both may lie under `results`. */
export function legacyResult(answer) {
  const legacy = placesIn(answer)
    .map((place) => objectOf(place.raw) ?? objectOf(place.json?.body) ?? (Array.isArray(place.Messages) && place))
    .find(Boolean)
  if (!legacy) return undefined
  const { Output = {}, Messages = [], Assignments = [], Spawns = [], Error } = legacy
  return { Output, Messages, Assignments, Spawns, Error, ...legacy }
}

/** Where the parts of a result may be. */
export function placesIn(answer) {
  const value = isMessage(answer) && isWrapped(answer) ? answer[answer['ao-result']] : answer
  return [value, value?.results, objectOf(value?.body)].filter(isMessage)
}

/** The message of an object, or of JSON text. */
function objectOf(value) {
  const object = typeof value === 'string' ? parsed(value) : value
  return isMessage(object) ? object : undefined
}

/** Whether a node says under which name the value is. */
const isWrapped = (answer) => typeof answer['ao-result'] === 'string'

function valueIn(answer) {
  const name = answer['ao-result']
  const member = membersOf(answer).find(([each]) => each === name)
  if (member) return document(answer, member[1])
  throw new AoError('BAD_RESPONSE', `The node answered without the value that '${name}' should hold.`, {
    details: { body: JSON.stringify(answer) }
  })
}

/** The members of an answer that are none of its envelope. Nodes put the answer's own status among them. */
function messageIn(answer) {
  const answered = Number(answer.status) === 200
  const added = ([name]) => ENVELOPE.includes(name) || (answered && name === 'status')
  const members = Object.fromEntries(Object.entries(answer).filter((member) => !added(member)))
  return { members, decoded: membersOf(members) }
}

export function messageOf(answer) {
  const { members, decoded } = messageIn(answer)
  return whole(members, decoded)
}

/** Nodes of September 2025 answer so with a list. */
const isNumbered = (decoded) => decoded.length > 0 && decoded.every(([name], at) => name === String(at + 1))

const document = (answer, value) =>
  answer['content-type'] === 'application/json' && typeof value === 'string' ? parsed(value) : value

export const isMessage = (value) =>
  value !== null && typeof value === 'object' && !Array.isArray(value) && !ArrayBuffer.isView(value)

export function plain(value) {
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

function parsed(text) {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

/** Lists are messages with the keys 1, 2, 3 … */
export const listOf = (members) => members.sort(([a], [b]) => a - b).map(([, member]) => member)

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
