// Memory with 64-bit addresses: most modules of AO have it, and not every runtime.

/** (module (memory i64 0)) */
const EXAMPLE = Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 5, 3, 1, 4, 0)

export const knowsWide = () => WebAssembly.validate(EXAMPLE)

/** Whether a module has such a memory. Of bytes that are no module, someone else will complain. */
export function isWide(bytes) {
  const MEMORY = 5
  let at = 8
  const number = () => {
    let value = 0
    for (let factor = 1; ; factor *= 128) {
      const byte = bytes[at++] ?? 0
      value += (byte & 0x7f) * factor
      if (byte < 0x80) return value
    }
  }
  while (at < bytes.length) {
    const section = bytes[at++]
    const length = number()
    if (section === MEMORY) return number() > 0 && (bytes[at] & 4) !== 0
    at += length
  }
  return false
}
