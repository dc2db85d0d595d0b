// Decodes the replies of nodes. A reply is a value with `ao-result` beside it, a message, or the result of a legacy unit. A node
// writes every leaf of a message as text and its type beside it: `{ "supply": "21", "ao-types": "supply=\"integer\"" }`. Text
// that does not fit its type stays text. Fetched with the first result or state.

import { AoError } from '../../../errors.js'
import type { MainnetResult, StateValue } from './types.js'

/** A message in a reply. */
export type ReplyMap = Record<string, unknown>

type Member = [name: string, value: unknown]

/** Members that a node adds to the message of a reply. In nested maps, a process can use these names. */
const ENVELOPE = ['commitments', 'priv', 'hashpath']
/** Members that can stand beside a bare value. */
const BESIDE = ['body', 'status', 'content-type', 'device']

/** Types of empty values, which have no member. */
const EMPTY = new Map<string | undefined, () => unknown>([
  ['empty-message', () => ({})],
  ['empty-list', () => []],
  ['empty-binary', () => '']
])

const ATOMS = new Map<string, unknown>([
  ['true', true],
  ['false', false],
  ['null', null],
  ['undefined', null]
])

/** The state in a reply, without the members that the node adds. */
export function stateOf(answer: unknown): StateValue {
  return decodedState(answer) as StateValue
}

function decodedState(answer: unknown): unknown {
  if (!isMessage(answer)) return plain(answer)
  if (isWrapped(answer)) return valueIn(answer)
  const { members, decoded } = messageIn(answer)
  const body = decoded.find(([name]) => name === 'body')
  if (body && decoded.every(([name]) => BESIDE.includes(name))) return document(answer, body[1])
  return isNumbered(decoded) ? listOf(decoded) : whole(members, decoded)
}

/** The result of a legacy unit. A node puts it into `raw`, or as text into `json.body`; both can be members of `results`. */
export function legacyResult(answer: unknown): MainnetResult | undefined {
  const legacy = placesIn(answer)
    .map(
      (place) =>
        objectOf(place['raw']) ??
        objectOf((place['json'] as { body?: unknown } | null | undefined)?.body) ??
        (Array.isArray(place['Messages']) ? place : undefined)
    )
    .find((found) => found !== undefined) as Partial<MainnetResult> | undefined
  if (!legacy) return undefined
  const { Output = {}, Messages = [], Assignments = [], Spawns = [], Error } = legacy
  return { Output, Messages, Assignments, Spawns, Error, ...legacy }
}

/** The messages that can hold the parts of a result. */
export function placesIn(answer: unknown): ReplyMap[] {
  const value = isMessage(answer) && isWrapped(answer) ? answer[answer['ao-result']] : answer
  const { results, body } = Object(value) as ReplyMap
  return [value, results, objectOf(body)].filter(isMessage)
}

/** A message, also one that is written as JSON text. */
function objectOf(value: unknown): ReplyMap | undefined {
  const object = typeof value === 'string' ? parsed(value) : value
  return isMessage(object) ? object : undefined
}

/** Whether the node names the member that holds the value. */
const isWrapped = (answer: ReplyMap): answer is ReplyMap & { 'ao-result': string } =>
  typeof answer['ao-result'] === 'string'

function valueIn(answer: ReplyMap & { 'ao-result': string }): unknown {
  const name = answer['ao-result']
  const member = membersOf(answer).find(([each]) => each === name)
  if (member) return document(answer, member[1])
  throw new AoError('BAD_RESPONSE', `The node answered without the value that '${name}' should hold.`, {
    details: { body: JSON.stringify(answer) }
  })
}

/** The members of a reply without those that the node adds. The status of the reply is one of them. */
function messageIn(answer: ReplyMap): { members: ReplyMap; decoded: Member[] } {
  const answered = Number(answer['status']) === 200
  const added = ([name]: Member) => ENVELOPE.includes(name) || (answered && name === 'status')
  const members = Object.fromEntries(Object.entries(answer).filter((member) => !added(member)))
  return { members, decoded: membersOf(members) }
}

export function messageOf(answer: ReplyMap): unknown {
  const { members, decoded } = messageIn(answer)
  return whole(members, decoded)
}

/** Whether this is a list. Nodes of September 2025 write lists like this. */
const isNumbered = (decoded: Member[]) => decoded.length > 0 && decoded.every(([name], at) => name === String(at + 1))

const document = (answer: ReplyMap, value: unknown): unknown =>
  answer['content-type'] === 'application/json' && typeof value === 'string' ? parsed(value) : value

export const isMessage = (value: unknown): value is ReplyMap =>
  value !== null && typeof value === 'object' && !Array.isArray(value) && !ArrayBuffer.isView(value)

export function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain)
  return isMessage(value) ? whole(value, membersOf(value)) : value
}

/** The decoded members of a message. Its `ao-types` are not a member. */
function membersOf(message: ReplyMap): Member[] {
  const types = typesOf(message['ao-types'])
  const members = Object.entries(message).filter(
    ([name, value]) => name !== 'ao-types' && !(name === 'commitments' && isChecksum(value))
  )
  const there = new Set(members.map(([name]) => name.toLowerCase()))
  const decoded = members.map(([name, member]): Member => [name, typed(member, types.get(name.toLowerCase()))])
  for (const [name, type] of types) {
    const empty = EMPTY.get(type)
    if (empty && !there.has(name.toLowerCase())) decoded.push([name, empty()])
  }
  return decoded
}

/**
 * Whether commitments are checksums that a node computes of a map and adds to each map of a bundled reply. Signatures with a
 * key are part of the state.
 */
function isChecksum(commitments: unknown): boolean {
  const all = isMessage(commitments) ? Object.values(commitments) : []
  return (
    all.length > 0 &&
    all.every((each) => {
      const { type, keyid } = Object(each) as ReplyMap
      return type === 'hmac-sha256' && keyid === 'constant:ao'
    })
  )
}

const whole = (message: ReplyMap, decoded: Member[]): unknown =>
  typesOf(message['ao-types']).get('.') === 'list' ? listOf(decoded) : Object.fromEntries(decoded)

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

/** The list of a message with the keys 1, 2, 3 … */
export const listOf = (members: Member[]): unknown[] =>
  members.sort(([a], [b]) => Number(a) - Number(b)).map(([, member]) => member)

function typed(value: unknown, type: string | undefined): unknown {
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
  const empty = EMPTY.get(type)
  return empty ? empty() : value
}

/** The items of a list in text form (RFC 8941): `"(ao-type-integer) 1", "two", 3`. Returns the text if it is not a list. */
function itemsOf(line: string): unknown {
  const items: unknown[] = []
  const item = /\s*(?:"((?:[^"\\]|\\.)*)"|([^\s",]+))\s*(?:,|$)/y
  while (item.lastIndex < line.length) {
    const [, text, bare] = item.exec(line) ?? []
    if (text === undefined && bare === undefined) return line
    items.push(text === undefined ? bareOf(bare as string) : textOf(text.replace(/\\(.)/g, '$1')))
  }
  return items
}

function textOf(text: string): unknown {
  const [, type, value] = /^\(ao-type-([\w-]+)\) (.*)$/s.exec(text) ?? []
  return type ? typed(value, type) : text
}

/** A number, a boolean or an atom. */
function bareOf(item: string): unknown {
  if (/^\?[01]$/.test(item)) return item === '?1'
  return typed(item, /^-?\d+$/.test(item) ? 'integer' : /^-?\d+\.\d+$/.test(item) ? 'float' : 'atom')
}

/** Reads `a="integer", b%20c="atom"` (RFC 8941), also without the quotes. Names are in lower case, as nodes write them. */
function typesOf(line: unknown): Map<string, string> {
  const types = new Map<string, string>()
  if (typeof line !== 'string') return types
  for (const member of line.split(',')) {
    const [name = '', type] = member.split('=')
    const [, known] = /^"?([\w-]+)"?$/.exec(type?.trim() ?? '') ?? []
    if (known) types.set(unescaped(name.trim()), known.toLowerCase())
  }
  return types
}

function unescaped(name: string): string {
  try {
    return decodeURIComponent(name).toLowerCase()
  } catch {
    return name.toLowerCase()
  }
}
