// The worker of modules on the interpreter.

import { serveCore } from './compute-core.js'
import * as lib from './wasm/compute-wasmi.js'

serveCore(lib)
