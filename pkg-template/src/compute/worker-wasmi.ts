// The worker of modules on the interpreter.

import * as lib from '../wasm/compute-wasmi.js'
import { serveCompute } from './serve.js'

serveCompute(lib)
