// aoxide. What is exported is described in index.d.ts.

export * from './client/connect.js'
export { serializeCron } from './client/cron.js'
export { AoError } from './errors.js'
export { generateJwk, jwkToAddress } from './signers/keys.js'
export { load } from './wasm/modules.js'
export { createSigner, createSigner as createDataItemSigner } from './signers/create-signer.js'
