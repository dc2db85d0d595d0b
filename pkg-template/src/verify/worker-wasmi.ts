// The worker of views on the interpreter.

import * as lib from '../wasm/verify-wasmi.js'
import { serveView } from './serve.js'

serveView(lib)
