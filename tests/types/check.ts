// What the type tests are written with.

/** Whether `any` hides anywhere at the top of `T`; `any` is the one type that swallows the intersection. */
export type IsAny<T> = 0 extends 1 & T ? true : false

/** Whether the two are the same type, with nothing of the assignability of either. */
export type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false

/** Stands for a value of the type. It is never called. */
export declare function a<T>(): T

/** Fails to compile unless `T` is true. */
export declare function holds<T extends true>(): void

/** What a function gives, its promise unpacked. */
export type Given<F> = F extends (...args: never[]) => infer R ? Awaited<R> : never

// The checks check.
holds<IsAny<ReturnType<typeof JSON.parse>>>()
holds<Equal<IsAny<unknown>, false>>()
holds<Equal<IsAny<never>, false>>()
holds<Equal<Equal<string, string | number>, false>>()
// @ts-expect-error
holds<IsAny<string>>()
