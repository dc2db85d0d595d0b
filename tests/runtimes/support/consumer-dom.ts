// A program that passes a compiled module, which has a type in the library "dom".
import { load } from 'aoxide'

export const compiled = async (bytes: ArrayBuffer): Promise<void> => load({ module: await WebAssembly.compile(bytes) })
export const fetched = (): Promise<void> => load({ module: fetch('/aoxide.wasm') })
