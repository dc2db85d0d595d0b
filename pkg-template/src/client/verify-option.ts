// Options and answers of calls that are computed here from the signed schedule.

import type { Evaluation } from '../types.js'
import type { FollowOptions, Proof, Proven } from '../verify/types.js'

/** Option of reads that can be computed here instead of believed. */
export interface VerifyOption {
  /**
   * Computes the answer from the process's signed schedule, and adds its `proof`. `true` also asks the compute unit for the same
   * and compares: a unit that differs is `MISMATCH`. `'local'` asks no unit. A unit's answer never takes the place of the
   * computed one. See docs/verify.md.
   *
   * The client keeps one view per process, so that only the first call reads the whole schedule. After `follow`, it is the view
   * that `follow` returned.
   */
  verify: true | 'local'
}

/** The same option for other calls: without it, the answer is the unit's. */
export interface NotVerified {
  verify?: false
}

/** Options of `follow` of a client, which knows the addresses. */
export interface FollowInput extends Omit<FollowOptions, 'source'> {
  /** Where schedules come from. Default: the client's units, or its node. Of several nodes, the first. */
  source?: FollowOptions['source']
  /** Milliseconds after which the start of the view is given up with `TIMEOUT`. No limit by default. */
  timeout?: number
}

/** A page of results that were computed. `proof.unit` is what the unit says about the result that agrees least. */
export interface ProvenPage {
  edges: { cursor: string; node: Proven<Evaluation> }[]
  pageInfo: { hasNextPage: boolean }
  proof: Proof
}
