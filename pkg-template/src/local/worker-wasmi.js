// The worker of a local network that has the interpreter with it.

import { serveNetwork } from './core.js'
import * as lib from '../wasm/local-wasmi.js'

serveNetwork(lib)
