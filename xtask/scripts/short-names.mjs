// Shortens the names of a WebAssembly module's imports. wasm-bindgen ends each name with a hash of 16 digits. Hashes do not
// compress, and each is in the module and in its JavaScript.

/** Id of the import section. */
const IMPORTS = 2

/** Reads a LEB128 number. Returns the number and the position after it. */
function number(bytes, at) {
  let value = 0
  for (let shift = 0; ; shift += 7) {
    const byte = bytes[at++]
    value += (byte & 127) * 2 ** shift
    if (byte < 128) return [value, at]
  }
}

/** Encodes a number as LEB128. */
function leb128(value) {
  const bytes = []
  do bytes.push((value & 127) | (value > 127 ? 128 : 0))
  while ((value >>>= 7) > 0)
  return Buffer.from(bytes)
}

const encodedText = (bytes) => Buffer.concat([leb128(bytes.length), bytes])

/** Returns the module and its JavaScript with short names for the imports. */
export function shortNames(wasm, javascript) {
  let at = 8
  while (at < wasm.length) {
    const [size, body] = number(wasm, at + 1)
    if (wasm[at] === IMPORTS) {
      const renamed = shortenSection(wasm.subarray(body, body + size), javascript)
      const section = Buffer.concat([Buffer.from([IMPORTS]), encodedText(renamed.section)])
      return {
        wasm: Buffer.concat([wasm.subarray(0, at), section, wasm.subarray(body + size)]),
        javascript: renamed.javascript
      }
    }
    at = body + size
  }
  return { wasm, javascript }
}

function shortenSection(section, javascript) {
  let [count, at] = number(section, 0)
  const pieces = [section.subarray(0, at)]
  for (let serial = 0; serial < count; serial++) {
    const [moduleLength, module] = number(section, at)
    const [nameLength, start] = number(section, module + moduleLength)
    const end = start + nameLength
    const name = section.toString('utf8', start, end)
    const short = `i${serial.toString(36)}_`
    // A name with a hash means nothing else, so every occurrence can be replaced.
    const isHashed = /_[0-9a-f]{16}$/.test(name) && javascript.includes(name) && !javascript.includes(short)
    if (isHashed) javascript = javascript.replaceAll(name, short)
    pieces.push(section.subarray(at, module + moduleLength), encodedText(Buffer.from(isHashed ? short : name)))
    at = endOfDescription(section, end)
    pieces.push(section.subarray(end, at))
  }
  return { section: Buffer.concat(pieces), javascript }
}

/** Returns the position after the description of an import. */
function endOfDescription(section, at) {
  const limits = (at) => {
    const flags = section[at]
    let [, end] = number(section, at + 1)
    if (flags & 1) [, end] = number(section, end)
    return end
  }
  switch (section[at]) {
    case 0:
      return number(section, at + 1)[1]
    case 1:
      return limits(at + 2)
    case 2:
      return limits(at + 1)
    case 3:
      return at + 3
    default:
      return number(section, at + 2)[1]
  }
}
