// The worker of views on the host's own WebAssembly.

import * as lib from '../wasm/verify.js'
import { serveView } from './serve.js'

serveView(lib)
