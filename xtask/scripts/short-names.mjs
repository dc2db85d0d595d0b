// Shortens the names of a WebAssembly module's imports and exports: node short-names.mjs <module> <its JavaScript>
//
// Both files change. wasm-bindgen ends the name of an import in a hash of 16 digits, and writes the type of a closure into the
// name of the function that calls it. Neither compresses well, and each name is both in the module and in its JavaScript.
import { readFile, writeFile } from 'node:fs/promises'

const IMPORTS = 2
const EXPORTS = 7

/** Generated names of wasm-bindgen. No other names have this form. */
const IMPORT_NAME = /_[0-9a-f]{16}$/
const EXPORT_NAME = /^wasm_bindgen_[0-9a-f]{16}_/

/** Reads a number (LEB128). Returns the number and the offset of its end. */
function readNumber(bytes, at) {
  let value = 0
  for (let shift = 0; ; shift += 7) {
    const byte = bytes[at++]
    value += (byte & 127) * 2 ** shift
    if (byte < 128) return [value, at]
  }
}

/** Encodes a number (LEB128). */
function writeNumber(value) {
  const bytes = []
  do bytes.push((value & 127) | (value > 127 ? 128 : 0))
  while ((value >>>= 7) > 0)
  return Buffer.from(bytes)
}

/** Bytes after their length, the encoding of names and sections. */
const withLength = (bytes) => Buffer.concat([writeNumber(bytes.length), bytes])

/** Returns the module and its JavaScript with short names of imports and exports. */
function shortNames(wasm, javascript) {
  const pieces = [wasm.subarray(0, 8)]
  for (let at = 8; at < wasm.length;) {
    const [size, body] = readNumber(wasm, at + 1)
    const end = body + size
    const rename = { [IMPORTS]: renameImports, [EXPORTS]: renameExports }[wasm[at]]
    if (rename) {
      const renamed = rename(wasm.subarray(body, end), javascript)
      javascript = renamed.javascript
      pieces.push(wasm.subarray(at, at + 1), withLength(renamed.section))
    } else pieces.push(wasm.subarray(at, end))
    at = end
  }
  return { wasm: Buffer.concat(pieces), javascript }
}

function renameImports(section, javascript) {
  let [count, at] = readNumber(section, 0)
  const pieces = [section.subarray(0, at)]
  for (let serial = 0; serial < count; serial++) {
    const [moduleLength, module] = readNumber(section, at)
    const [nameLength, start] = readNumber(section, module + moduleLength)
    const end = start + nameLength
    const name = section.toString('utf8', start, end)
    const short = `i${serial.toString(36)}_`
    const isRenamed = IMPORT_NAME.test(name) && javascript.includes(name) && !javascript.includes(short)
    if (isRenamed) javascript = javascript.replaceAll(name, short)
    pieces.push(section.subarray(at, module + moduleLength), withLength(Buffer.from(isRenamed ? short : name)))
    at = endOfType(section, end)
    pieces.push(section.subarray(end, at))
  }
  return { section: Buffer.concat(pieces), javascript }
}

function renameExports(section, javascript) {
  let [count, at] = readNumber(section, 0)
  const names = new Map()
  const pieces = [section.subarray(0, at)]
  for (let serial = 0; serial < count; serial++) {
    const [nameLength, start] = readNumber(section, at)
    const end = start + nameLength
    const name = section.toString('utf8', start, end)
    const short = `e${serial.toString(36)}_`
    const isRenamed = EXPORT_NAME.test(name) && !new RegExp(`\\b${short}`).test(javascript)
    if (isRenamed) names.set(name, short)
    pieces.push(withLength(Buffer.from(isRenamed ? short : name)))
    at = readNumber(section, end + 1)[1]
    pieces.push(section.subarray(end, at))
  }
  // One name may be the beginning of another.
  const renamed = javascript.replaceAll(/\bwasm_bindgen_\w+/g, (name) => names.get(name) ?? name)
  return { section: Buffer.concat(pieces), javascript: renamed }
}

/** Returns the offset of the end of an import's type. */
function endOfType(section, at) {
  const limits = (at) => {
    const flags = section[at]
    let [, end] = readNumber(section, at + 1)
    if (flags & 1) [, end] = readNumber(section, end)
    return end
  }
  switch (section[at]) {
    case 0:
      return readNumber(section, at + 1)[1]
    case 1:
      return limits(at + 2)
    case 2:
      return limits(at + 1)
    case 3:
      return at + 3
    default:
      return readNumber(section, at + 2)[1]
  }
}

const [wasmFile, javascriptFile] = process.argv.slice(2)
const short = shortNames(await readFile(wasmFile), await readFile(javascriptFile, 'utf8'))
await writeFile(wasmFile, short.wasm)
await writeFile(javascriptFile, short.javascript)
