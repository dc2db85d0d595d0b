// Memory with 64-bit addresses: most modules of AO need it, and not every runtime has it.

/** (module (memory i64 0)) */
const EXAMPLE = /* @__PURE__ */ Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 5, 3, 1, 4, 0)

/** Whether the runtime supports it. */
export const supportsMemory64 = (): boolean => globalThis.WebAssembly?.validate?.(EXAMPLE) ?? false

/** Whether a module needs it. `false` for bytes that are no module, which are refused later. */
export function needsMemory64(bytes: Uint8Array): boolean {
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
    if (section === MEMORY) return number() > 0 && ((bytes[at] ?? 0) & 4) !== 0
    at += length
  }
  return false
}
