// Types of the web's classes for the declarations of this package. A program that has these classes (by the library "dom", or
// by the types of Node.js, Deno, Bun or workerd) gets its own types. Other programs get the members that this package needs, so
// that the declarations compile with `"lib": ["es2022"]` alone.

type Globals = typeof globalThis

/** The objects that a global constructor makes. Bun's types have no useful `prototype`. */
type Instance<Name extends string, Otherwise> =
  Globals extends Record<Name, abstract new (...args: never) => infer T>
    ? [T] extends [never]
      ? OfPrototype<Name, Otherwise>
      : T
    : Otherwise

/** In Deno's types, the constructor of `AbortSignal` makes nothing. */
type OfPrototype<Name extends string, Otherwise> = Globals extends Record<Name, { prototype: infer T }> ? T : Otherwise

/** The runtime's `AbortSignal`. */
export type AbortSignal = Instance<'AbortSignal', PlainAbortSignal>

/** The runtime's `Blob`. */
export type Blob = Instance<'Blob', PlainBlob>

/** The runtime's `URL`. */
export type URL = Instance<'URL', { readonly href: string }>

/** The runtime's `Response`. */
export type Response = Instance<'Response', PlainResponse>

/** The runtime's `ReadableStream`. */
export type ReadableStream = Globals extends { ReadableStream: { prototype: infer T } } ? T : PlainReadableStream

/** The runtime's `WebAssembly.Module`. */
export type WebAssemblyModule = Globals extends { WebAssembly: { Module: { prototype: infer T } } } ? T : object

/** A function with the parameters and the result of the runtime's `fetch`. */
export type Fetch = Globals extends { fetch: (...args: infer A) => infer R } ? (...args: A) => R : PlainFetch

/** The first parameter of `fetch`. */
export type FetchInput = Parameters<Fetch>[0]

/** The second parameter of `fetch`. */
export type FetchInit = NonNullable<Parameters<Fetch>[1]>

interface PlainAbortSignal {
  readonly aborted: boolean
  readonly reason: unknown
  throwIfAborted(): void
  addEventListener(type: 'abort', listener: () => void): void
  removeEventListener(type: 'abort', listener: () => void): void
}

interface PlainBlob {
  readonly size: number
  readonly type: string
  arrayBuffer(): Promise<ArrayBuffer>
  slice(start?: number, end?: number): PlainBlob
  text(): Promise<string>
}

interface PlainReadableStream {
  readonly locked: boolean
  cancel(reason?: unknown): Promise<void>
  getReader(): {
    read(): Promise<{ done: boolean; value?: Uint8Array }>
    cancel(reason?: unknown): Promise<void>
    releaseLock(): void
  }
}

interface PlainResponse {
  readonly ok: boolean
  readonly status: number
  readonly statusText: string
  readonly url: string
  readonly headers: PlainHeaders
  readonly bodyUsed: boolean
  arrayBuffer(): Promise<ArrayBuffer>
  json(): Promise<unknown>
  text(): Promise<string>
}

interface PlainHeaders extends Iterable<[string, string]> {
  get(name: string): string | null
  has(name: string): boolean
}

interface PlainRequestInit {
  method?: string
  headers?: Record<string, string>
  body?: string | Uint8Array | ArrayBuffer | null
  signal?: PlainAbortSignal | null
}

type PlainFetch = (input: string | { readonly href: string }, init?: PlainRequestInit) => Promise<PlainResponse>
