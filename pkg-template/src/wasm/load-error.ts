// The errors of WebAssembly that cannot be loaded. Fetched when they are needed, because few pages need them.

import { AoError } from '../errors.js'

const PASS_MODULE = 'Pass the compiled module to `load`: see docs/platforms.md.'

/** @param thrown What was thrown. `undefined` where the runtime has no WebAssembly. */
export function loadError(thrown?: unknown): AoError {
  if (thrown === undefined) return unsupported(NO_WEBASSEMBLY)
  const isReferenceError = (error: unknown) => (error as Error | undefined)?.name === 'ReferenceError'
  // A part of the package was loaded, and names something that the runtime lacks.
  const cause = thrown instanceof AoError && isReferenceError(thrown.cause) ? thrown.cause : thrown
  if (cause instanceof AoError) return cause
  const { message } = cause as Error
  if (/DecompressionStream|deflate-raw/.test(message))
    return unsupported(`aoxide cannot decompress its WebAssembly here: ${message}. ${PASS_MODULE}`, cause)
  if (isReferenceError(cause))
    return unsupported(`aoxide cannot run here: ${message}. Use a runtime or a test environment that has it.`, cause)
  const loading = `The WebAssembly module cannot be loaded: ${message}.`
  // Decompression fails with a `TypeError` in browsers and an error of zlib in Node.js, and `atob` with a third kind.
  if (
    /compress|incorrect|invalid distance|invalid (block|stored|code|bit)|unexpected end of file|correctly encoded/.test(
      message
    )
  )
    return new AoError('HTTP_NETWORK', `${loading} Check that the package is whole where it lies.`, { cause })
  return unsupported(
    `${loading} A page with a Content-Security-Policy must allow 'wasm-unsafe-eval'. Where code cannot be generated, import ` +
      'the module and pass it to `load`. A module that you pass must be of this version of aoxide: see docs/platforms.md.',
    cause
  )
}

const NO_WEBASSEMBLY =
  'aoxide needs WebAssembly, which is not available here. Lockdown Mode disables it: allow this site in the settings of the ' +
  'browser. React Native does not have it: call aoxide on a server, or in a web view.'

const unsupported = (message: string, cause?: unknown) => new AoError('UNSUPPORTED', message, { cause })
