// The worker of modules on the interpreter.

import { serveCore } from './core.js'
import * as lib from '../wasm/compute-wasmi.js'

serveCore(lib)
