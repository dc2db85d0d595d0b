// aoxide. What is exported is described in index.d.ts.

export * from './connect.js'
export { serializeCron } from './cron.js'
export { AoError } from './error.js'
export { generateJwk, jwkToAddress } from './keys.js'
export { load } from './load.js'
export { createSigner, createSigner as createDataItemSigner } from './signer.js'
