// Loaded into wao's process before wao: two slips that keep parts of its units from answering at all.
import wao from '../../../node_modules/wao/esm/adaptor-base.js'

// Its messenger unit registers /monitor/:pid and looks for /monitor:pid, so every monitor is a bad request.
for (const method of ['mu_post', 'mu_delete']) {
  const original = wao.prototype[method]
  wao.prototype[method] = function (request) {
    return request.path === '/monitor/:pid' ? this[`${method}_monitor`](request) : original.call(this, request)
  }
}

// Its scheduler unit answers with promises in place of messages, and one that fails ends the process.
process.on('unhandledRejection', () => {})
