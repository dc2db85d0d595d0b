// The worker of local networks that have the interpreter too.

import * as lib from '../wasm/local-wasmi.js'
import { serveNetwork } from './serve.js'

serveNetwork(lib)
