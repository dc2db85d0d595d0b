// The worker of local networks on the host's own WebAssembly.

import * as lib from '../wasm/local.js'
import { serveNetwork } from './serve.js'

serveNetwork(lib)
