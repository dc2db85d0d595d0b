// The ids in the header of a bundle. They become text only when they are asked for: most callers need few of many.

import type { Bytes } from '../types.js'

/** Bytes of an entry of the header, and where its id begins. */
const ENTRY = 64
const ID_AT = 32
/** Characters of an id. It is encoded in eleven groups of four, of which the last character is dropped. */
const ID = 43
const GROUPS = 11
const PADDED = GROUPS * 4

/** After so many searches, an index is worth its time. */
const SEARCHES = 8

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
const decoder = /* @__PURE__ */ new TextDecoder()

/** The two characters of every number of 12 bits. */
let pairs: Uint16Array | undefined

/** @internal The ids of a header's entries. */
export class HeaderIds {
  readonly #entries: Bytes
  #searches = 0
  #indexes: Map<string, number> | undefined

  /** `entries` are the header's bytes behind its first number. */
  constructor(entries: Bytes) {
    this.#entries = entries
  }

  /** The 32 bytes of an id. */
  bytes(index: number): Bytes {
    return this.#entries.subarray(index * ENTRY + ID_AT, (index + 1) * ENTRY)
  }

  text(index: number): string {
    return encode(this.bytes(index), 1).slice(0, ID)
  }

  all(): string[] {
    const count = this.#entries.length / ENTRY
    const text = encode(this.#entries.subarray(ID_AT), count)
    const ids: string[] = []
    // `Array.from` takes four times as long.
    for (let index = 0; index < count; index++) ids.push(text.slice(index * PADDED, index * PADDED + ID))
    return ids
  }

  /** The first place of an id. */
  indexOf(id: string): number | undefined {
    if (this.#searches++ < SEARCHES) return this.#search(id)
    if (!this.#indexes) {
      const ids = this.all()
      this.#indexes = new Map()
      for (let index = ids.length - 1; index >= 0; index--) this.#indexes.set(ids[index] as string, index)
    }
    return this.#indexes.get(id)
  }

  /** Compares the first three bytes, which are four characters, and then the whole id. */
  #search(id: string): number | undefined {
    const entries = this.#entries
    let bits = 0
    for (const character of id.slice(0, 4)) bits = (bits << 6) | ALPHABET.indexOf(character)
    const [first, second, third] = [bits >> 16, (bits >> 8) & 255, bits & 255]
    for (let at = ID_AT; at < entries.length; at += ENTRY) {
      if (entries[at] !== first || entries[at + 1] !== second || entries[at + 2] !== third) continue
      const index = (at - ID_AT) / ENTRY
      if (this.text(index) === id) return index
    }
    return undefined
  }
}

/** The two characters of every number of 12 bits, in the order of bytes in memory. */
function pairsOf12Bits(): Uint16Array {
  const code = (bits: number) => ALPHABET.charCodeAt(bits & 63)
  return Uint16Array.from({ length: 1 << 12 }, (_, bits) => code(bits >> 6) | (code(bits) << 8))
}

/** Encodes ids that are an entry apart, as one text in base64url. `btoa` would need three passes over a string of all bytes. */
function encode(ids: Bytes, count: number): string {
  const known = (pairs ??= pairsOf12Bits())
  const quads = new Uint32Array(count * GROUPS)
  let at = 0
  for (let id = 0; id < count; id++) {
    const start = id * ENTRY
    for (let group = 0; group < GROUPS; group++) {
      const from = start + group * 3
      // The third byte of the last group is behind the id.
      const third = group < GROUPS - 1 ? (ids[from + 2] ?? 0) : 0
      const bits = ((ids[from] ?? 0) << 16) | ((ids[from + 1] ?? 0) << 8) | third
      quads[at++] = (known[bits >> 12] ?? 0) | ((known[bits & 4095] ?? 0) << 16)
    }
  }
  return decoder.decode(quads)
}
