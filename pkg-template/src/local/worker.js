// The worker of a local network on the host's own WebAssembly.

import { serveNetwork } from './core.js'
import * as lib from '../wasm/local.js'

serveNetwork(lib)
