// Imports the libraries with which aoxide is compared: aoconnect and arbundles.
import './record.mjs'

export const aoconnect = await import('@permaweb/aoconnect')

const bundles = await import('@dha-team/arbundles')
export const arbundles = bundles.createData ? bundles : bundles.default

const { DataItem } = arbundles

/** Decodes a data item with arbundles. The result has no signature, because signatures are random. */
export function decode(raw) {
  const item = new DataItem(Buffer.from(raw))
  return {
    signatureType: item.signatureType,
    owner: item.owner,
    target: item.target,
    anchor: item.anchor,
    tags: item.tags.map(({ name, value }) => `${name}=${value}`),
    data: item.rawData.toString('hex')
  }
}

export const idOf = (raw) => new DataItem(Buffer.from(raw)).id

export const verifies = (raw) => DataItem.verify(Buffer.from(raw))
