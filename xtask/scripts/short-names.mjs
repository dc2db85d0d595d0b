// Short names for what a WebAssembly module imports. wasm-bindgen ends each name in a hash of 16 digits, which does not
// compress, and stands in the module and in its JavaScript.

const IMPORTS = 2

/** Reads a number (LEB128), and where it ends. */
function number(bytes, at) {
  let value = 0
  for (let shift = 0; ; shift += 7) {
    const byte = bytes[at++]
    value += (byte & 127) * 2 ** shift
    if (byte < 128) return [value, at]
  }
}

/** Writes a number. */
function written(value) {
  const bytes = []
  do bytes.push((value & 127) | (value > 127 ? 128 : 0))
  while ((value >>>= 7) > 0)
  return Buffer.from(bytes)
}

const text = (bytes) => Buffer.concat([written(bytes.length), bytes])

/** The same module and the same JavaScript, with short names between them. */
export function shortNames(wasm, javascript) {
  let at = 8
  while (at < wasm.length) {
    const [size, body] = number(wasm, at + 1)
    if (wasm[at] === IMPORTS) {
      const renamed = shortened(wasm.subarray(body, body + size), javascript)
      const section = Buffer.concat([Buffer.from([IMPORTS]), text(renamed.section)])
      return {
        wasm: Buffer.concat([wasm.subarray(0, at), section, wasm.subarray(body + size)]),
        javascript: renamed.javascript
      }
    }
    at = body + size
  }
  return { wasm, javascript }
}

function shortened(section, javascript) {
  let [count, at] = number(section, 0)
  const pieces = [section.subarray(0, at)]
  for (let serial = 0; serial < count; serial++) {
    const [moduleLength, module] = number(section, at)
    const [nameLength, start] = number(section, module + moduleLength)
    const end = start + nameLength
    const name = section.toString('utf8', start, end)
    const short = `i${serial.toString(36)}_`
    // A name with a hash stands for nothing else.
    const isHashed = /_[0-9a-f]{16}$/.test(name) && javascript.includes(name) && !javascript.includes(short)
    if (isHashed) javascript = javascript.replaceAll(name, short)
    pieces.push(section.subarray(at, module + moduleLength), text(Buffer.from(isHashed ? short : name)))
    at = described(section, end)
    pieces.push(section.subarray(end, at))
  }
  return { section: Buffer.concat(pieces), javascript }
}

/** Where the description of an import ends. */
function described(section, at) {
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
