// The public types contain no `any`: neither in results, nor in parameters, nor in their members.
import * as aoxide from 'aoxide'
import * as ans104 from 'aoxide/ans104'
import { holds, type Given, type IsAny } from './check.js'

/** The names of functions that return or take `any`, and of values that are `any`. `never` if there are none. */
type Loose<M> = {
  [K in keyof M]: IsAny<M[K]> extends true
    ? K
    : M[K] extends (...args: infer A) => unknown
      ? true extends IsAny<Given<M[K]>> | Members<Given<M[K]>> | Members<A[number]>
        ? K
        : never
      : never
}[keyof M]

/** Whether any member is `any`, two levels deep. */
type Members<T, Depth extends unknown[] = []> =
  IsAny<T> extends true
    ? true
    : Depth['length'] extends 2
      ? false
      : // Response is a type of the DOM, and its json() returns `any`.
        T extends
            string | number | boolean | undefined | null | Uint8Array | ArrayBuffer | Blob | AbortSignal | Response
        ? false
        : T extends readonly (infer E)[]
          ? Members<E, [...Depth, 0]>
          : T extends (...args: never[]) => unknown
            ? IsAny<Given<T>>
            : T extends object
              ? { [K in keyof T]: Members<T[K], [...Depth, 0]> }[keyof T]
              : false

type Never<T> = [T] extends [never] ? true : false

holds<Never<Loose<typeof aoxide>>>()
holds<Never<Loose<typeof ans104>>>()
holds<Never<Loose<aoxide.LegacyClient>>>()
holds<Never<Loose<aoxide.MainnetClient>>>()
holds<Never<Loose<aoxide.LocalClient>>>()
holds<Never<Loose<ans104.DataItem>>>()
holds<Never<Loose<ans104.Draft>>>()

// Loose finds every kind of `any`.
interface Careless {
  given: () => Promise<{ Messages: ReturnType<typeof JSON.parse>[] }>
  taken: (input: { data: ReturnType<typeof JSON.parse> }) => string
  careful: (input: { data: string }) => Promise<string>
}
const seen: Loose<Careless>[] = ['given', 'taken']
// @ts-expect-error
seen.push('careful')
