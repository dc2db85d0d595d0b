// Loaded into wao's process before wao. It fixes two mistakes that keep parts of its units from answering.
import wao from '../../../node_modules/wao/esm/adaptor-base.js'

// Its messenger unit registers /monitor/:pid and parses /monitor:pid, so it refuses every monitor.
for (const method of ['mu_post', 'mu_delete']) {
  const original = wao.prototype[method]
  wao.prototype[method] = function (request) {
    return request.path === '/monitor/:pid' ? this[`${method}_monitor`](request) : original.call(this, request)
  }
}

// Its scheduler unit returns promises in place of messages, and a rejected one ends the process.
process.on('unhandledRejection', () => {})
