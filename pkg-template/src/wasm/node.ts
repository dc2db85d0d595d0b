// The parts of Node.js that the package uses. Without a declaration of all of Node's globals, which browsers do not have.

interface NodeProcess {
  versions?: { node?: string }
  env?: Readonly<Record<string, string | undefined>>
  getBuiltinModule?<Name extends keyof NodeModules>(name: Name): NodeModules[Name]
}

/** The modules of Node.js that the package uses, by name. */
export interface NodeModules {
  'node:buffer': {
    Buffer: {
      from(text: string, encoding: 'base64'): Uint8Array<ArrayBuffer>
      from(bytes: Uint8Array): { toString(encoding: 'base64url'): string }
    }
  }
  'node:zlib': { inflateRawSync(bytes: Uint8Array): Uint8Array<ArrayBuffer> }
  'node:crypto': {
    constants: { RSA_PKCS1_PSS_PADDING: number; RSA_PSS_SALTLEN_AUTO: number }
    createHash(algorithm: string): { update(bytes: Uint8Array): unknown; digest(): Uint8Array<ArrayBuffer> }
    createPrivateKey(jwk: { key: object; format: 'jwk' }): object
    createPublicKey(jwk: { key: object; format: 'jwk' }): object
    sign(algorithm: null, message: Uint8Array, key: object): Uint8Array
    verify(
      algorithm: string,
      message: Uint8Array,
      key: { key: object; padding: number; saltLength: number },
      signature: Uint8Array
    ): boolean
  }
  'node:fs': { readFileSync(path: URL): Uint8Array<ArrayBuffer> }
  'node:worker_threads': { Worker: NodeWorkerConstructor }
}

/** A worker of `node:worker_threads`. */
export interface NodeWorker {
  on(event: string, listener: (value: unknown) => void): this
  postMessage(message: unknown): void
  terminate(): void
  ref(): void
  unref(): void
}

export interface NodeWorkerConstructor {
  new (source: string, options: { eval: true; execArgv: string[]; env: object }): NodeWorker
}

declare global {
  // `var` is how a global is declared.
  var process: NodeProcess | undefined
  var Bun: unknown
  var Deno: { permissions: { querySync(permission: { name: 'env'; variable: string }): { state: string } } } | undefined
}
