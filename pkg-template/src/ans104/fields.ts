// The fields of items, as the WebAssembly module returns them.

import type { Bytes, Tag } from '../types.js'

/** What the WebAssembly module says of an item. */
export interface ParsedFields {
  id: string
  signatureType: number
  signature: string
  owner: string
  address: string
  target: string
  anchor: Bytes
  rawTags: { name: Bytes; value: Bytes }[]
  dataStart: number
}

const decoder = /* @__PURE__ */ new TextDecoder()

/** @internal Tags as text. */
export const textTags = (tags: ParsedFields['rawTags']): Tag[] =>
  tags.map(({ name, value }) => ({ name: decoder.decode(name), value: decoder.decode(value) }))
