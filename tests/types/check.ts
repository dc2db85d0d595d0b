// Helpers of the type tests.

/** Whether `T` is `any`. `1 & any` is `any`; no other type makes the intersection accept 0. */
export type IsAny<T> = 0 extends 1 & T ? true : false

/** Whether the two types are identical. Mutual assignability is not enough. */
export type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false

/** A placeholder for a value of type `T`. The tests are compiled and never run. */
export declare function a<T>(): T

/** Fails to compile unless `T` is true. */
export declare function holds<T extends true>(): void

/** The awaited return type of a function. */
export type Given<F> = F extends (...args: never[]) => infer R ? Awaited<R> : never

// The helpers themselves.
holds<IsAny<ReturnType<typeof JSON.parse>>>()
holds<Equal<IsAny<unknown>, false>>()
holds<Equal<IsAny<never>, false>>()
holds<Equal<Equal<string, string | number>, false>>()
// @ts-expect-error
holds<IsAny<string>>()
