// The worker of modules on the host's own WebAssembly.

import * as lib from '../wasm/compute.js'
import { serveCompute } from './serve.js'

serveCompute(lib)
