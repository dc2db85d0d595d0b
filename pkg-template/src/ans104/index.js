// Data items. What is exported is described in ans104.d.ts.

import { run } from '../wasm/modules.js'

const decoder = new TextDecoder()

export class DataItem {
  constructor(raw, { dataStart, ...fields }) {
    Object.assign(this, fields)
    this.raw = raw
    this.data = raw.subarray(dataStart)
    this.tags = fields.rawTags.map(({ name, value }) => ({ name: decoder.decode(name), value: decoder.decode(value) }))
    Object.freeze(this)
  }

  static create(fields) {
    return {
      sign: async (signer, options) =>
        DataItem.parse(await run(({ lib }) => lib.signItem(fields, { ...options, signer })))
    }
  }

  static parse(raw) {
    return run(({ lib }) => {
      const item = new lib.ParsedItem(raw)
      const fields = item.fields()
      item.free()
      return new DataItem(raw instanceof Uint8Array ? raw : new Uint8Array(raw), fields)
    })
  }

  verify(options) {
    return run(async ({ lib }) => {
      const item = new lib.ParsedItem(this.raw)
      try {
        // Only who says so gets less.
        return await item.verify(options?.strict !== false)
      } finally {
        item.free()
      }
    })
  }
}

export const deepHash = (chunk) => run(({ lib }) => lib.deepHash(chunk))
