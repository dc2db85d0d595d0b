// Lua samples. Their code is copied into the console, where the user can change and run it.
import { BASICS, MORE } from './basics.js'
import { PATTERNS } from './patterns.js'
import { NETWORKS } from './networks.js'

/** Samples: `{ name, about, steps }`. A step is a label and its code. */
export const SAMPLES = [...BASICS, ...PATTERNS, ...NETWORKS, MORE]
