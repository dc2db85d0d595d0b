// Bundlers with no configuration except the entries. Each writes to `dist` of the application.
import { build as esbuild } from 'esbuild'
import { createServer, build as vite } from 'vite'
import webpack from 'webpack'
import { HOST } from './units.mjs'

/** The page and what it loads. */
export const withVite = (app) => vite({ root: app.home, logLevel: 'error' })

/** Vite's development server. Call `stop` at the end. */
export async function serveWithVite(app) {
  const server = await createServer({ root: app.home, logLevel: 'silent', server: { host: HOST, port: 0 } })
  await server.listen()
  return { url: `http://${HOST}:${server.httpServer.address().port}/`, stop: () => server.close() }
}

export async function withWebpack(app) {
  const stats = await new Promise((resolve, reject) =>
    webpack(
      { mode: 'production', context: app.home, entry: './main.js', output: { path: `${app.home}/dist` } },
      (error, result) => (error ? reject(error) : resolve(result))
    )
  )
  if (stats.hasErrors()) throw new Error(stats.toString())
  pointToDist(app)
}

/** For esbuild a worker is a separate entry. */
export async function withEsbuild(app, { splitting }) {
  await esbuild({
    entryPoints: [`${app.home}/main.js`, `${app.home}/worker.js`],
    outdir: `${app.home}/dist`,
    format: 'esm',
    bundle: true,
    splitting,
    minify: true
  })
  pointToDist(app)
}

const pointToDist = (app) => app.write('index.html', app.read('index.html').replace('./main.js', './dist/main.js'))
