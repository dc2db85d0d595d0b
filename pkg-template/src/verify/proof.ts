// Proofs as the WebAssembly writes them, and as callers get them.

import type { CheckpointAnchor, FollowOptions, Proof, UnitAnswer } from './types.js'

interface WrittenProof extends Omit<Proof, 'anchor' | 'checkpoint' | 'unit' | 'old'> {
  anchor: 'genesis' | 'state' | { checkpoint: CheckpointAnchor }
  unit: Exclude<UnitAnswer, 'other-order'>
  otherOrder?: true
}

export function proofOf(text: string, age: FollowOptions['age']): Proof {
  const { anchor, otherOrder, unit, verified, slot, assignment, timestamp, ...rest } = JSON.parse(text) as WrittenProof
  return {
    verified,
    slot,
    assignment,
    timestamp,
    ...rest,
    ...(age?.warn !== undefined && rest.age > age.warn ? { old: true } : {}),
    ...(typeof anchor === 'string' ? { anchor } : { anchor: 'checkpoint', checkpoint: anchor.checkpoint }),
    unit: otherOrder ? 'other-order' : unit
  }
}
