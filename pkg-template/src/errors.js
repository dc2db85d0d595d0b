/** What every function of this package rejects with. The codes are listed in error.d.ts. */
export class AoError extends Error {
  constructor(code, message, { details = {}, cause } = {}) {
    super(message, cause === undefined ? undefined : { cause })
    this.code = code
    this.details = details
  }

  get name() {
    return 'AoError'
  }
}
