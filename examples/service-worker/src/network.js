import { createLocalNetwork } from 'aoxide/local'

const url = `${location.origin}/ao`
const network = createLocalNetwork({ storage: 'indexeddb', url })

addEventListener('fetch', (event) => {
  if (event.request.url.startsWith(`${url}/`)) event.respondWith(network.then(({ fetch }) => fetch(event.request)))
})

// The first visit, too, is served at once.
addEventListener('install', () => skipWaiting())
addEventListener('activate', (event) => event.waitUntil(clients.claim()))
