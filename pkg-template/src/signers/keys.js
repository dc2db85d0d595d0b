// Wallet keys.

import { run } from '../wasm/modules.js'

export const generateJwk = () => run(({ lib }) => lib.generateJwk())

export const jwkToAddress = (jwk) => run(({ lib }) => lib.jwkToAddress(jwk))
