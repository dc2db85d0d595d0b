// The worker of modules on the host's own WebAssembly.

import { serveCore } from './core.js'
import * as lib from '../wasm/compute.js'

serveCore(lib)
