// Pseudorandom inputs from a seed (mulberry32), equal on every run.

export function random(seed) {
  let state = seed >>> 0
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  const below = (limit) => Math.floor(next() * limit)
  const pick = (list) => list[below(list.length)]
  const bytes = (length) => Uint8Array.from({ length }, () => below(256))
  const characters = [...'abcXYZ019 -_=&"\\\u0000\n\u00e9\u00df\u20ac\u4e2d\u{1f600}\u{1f468}\u200d']
  const text = (length) => Array.from({ length }, () => pick(characters)).join('')
  return { below, pick, bytes, text, chance: (odds) => next() < odds }
}

const limited = (text, bytes) => {
  let result = ''
  for (const character of text) {
    if (Buffer.byteLength(result + character) > bytes) break
    result += character
  }
  return result
}

const anchors = ['0'.repeat(32), '\u00e9'.repeat(16), '\u{1f600}'.repeat(8), `${'\u20ac'.repeat(10)}--`]

/** Random fields of an item. The tags have at most 4096 bytes, which every implementation accepts. */
export function draft({ below, bytes, text, pick, chance }) {
  const tags = Array.from({ length: chance(0.1) ? 128 : below(10) }, () => ({
    name: limited(text(1 + below(6)), 12),
    value: limited(text(below(chance(0.1) ? 200 : 20)), 14)
  }))
  if (chance(0.1)) tags.splice(0, tags.length, { name: 'n'.repeat(1024), value: 'v'.repeat(3000) })
  const fields = { data: pick([() => text(below(400)), () => bytes(below(2000)), () => '', () => new Uint8Array(0)])() }
  if (chance(0.8)) fields.tags = tags
  if (chance(0.6)) fields.target = Buffer.from(bytes(32)).toString('base64url')
  if (chance(0.5)) fields.anchor = pick(anchors)
  return fields
}
