// Fixes two bugs of wao that prevent responses of its units. wao's process loads this file first, with `--import`.
import wao from '../../../node_modules/wao/esm/adaptor-base.js'

// The messenger unit registers /monitor/:pid and parses /monitor:pid, so it refuses every monitor.
for (const method of ['mu_post', 'mu_delete']) {
  const original = wao.prototype[method]
  wao.prototype[method] = function (request) {
    return request.path === '/monitor/:pid' ? this[`${method}_monitor`](request) : original.call(this, request)
  }
}

// The scheduler unit returns promises in place of messages. Without this handler, a rejected one ends the process.
process.on('unhandledRejection', () => {})
